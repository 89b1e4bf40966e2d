// JSON as it crosses the wire, and the scalars every noun shares. Knows nothing of agents or tasks.
import { z } from "zod";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How deep a caller's JSON may nest; deeper input is refused before anything walks it. */
export const MAX_JSON_DEPTH = 64;

export const json: z.ZodType<Json> = z.custom<Json>((value) => value !== undefined, "must be JSON");
export const jsonObject = z.record(z.string().max(200), json);

/** An id or name: printable, without control characters, slashes only inside project ids. */
export const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s\p{C}/?#][^\p{C}/?#]*$/u, "must be printable, must not start with a space, must not contain / ? #");
/** Printable text: NUL would be refused by Postgres, so it is refused at the door on every store. */
export const text = (max: number) => z.string().max(max).refine(isStorable, "must be well-formed Unicode without NUL characters");
const isStorable = (value: string): boolean => !value.includes("\u0000") && value.isWellFormed();
/** The address of an agent. URLs are lenient: what they would quietly encode is refused, as it is stored the way it came. */
export const httpUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .regex(/^[^\s\p{C}]*$/u, "must be an http or https address without spaces and control characters");
export const label = text(200).min(1);
/** ISO 8601 in UTC, as Date.prototype.toISOString writes it. */
export const instant = z.iso.datetime();
/** ISO 8601 with any offset; what a caller may send. */
export const instantIn = z.iso.datetime({ offset: true });
/** What a program finds in its environment. */
export const environmentVariables = z.record(text(200).regex(/^[A-Za-z_]\w*$/, "must be a name of a variable"), text(8000)).default({});
export const milliseconds = z.number().int().min(0);

/** How far lists count that grow with what is done: `total` is never more there. */
export const MAX_COUNTED = 10_000;
export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), total: z.number().int(), limit: z.number().int(), offset: z.number().int() });
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
});
export interface Page<Item> {
  items: Item[];
  total: number;
  limit: number;
  offset: number;
}
