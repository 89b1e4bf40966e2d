// What agents say, made fit to keep: bounded, well-formed, and no deeper or stranger than every store can hold.
import { type Json, MAX_JSON_DEPTH } from "@baton/contract";

/** How much of what an agent says is kept per attempt; more ends the attempt with `limit`. */
export const MAX_ANSWER_BYTES = 10 * 1024 * 1024;
const MAX_DETAIL = 20_000;

/** Text that every store takes: no NUL (Postgres has no such character), no half of a surrogate pair. */
export const toStorableText = (text: string): string => text.replaceAll("\u0000", "\ufffd").toWellFormed();

/** A failure's detail, cut in the middle of nothing a reader needs: its end says what went wrong last. */
export function toDetail(text: string, max = MAX_DETAIL): string {
  const storable = toStorableText(text.trim());
  return storable.length <= max ? storable : toStorableText(`${storable.slice(0, max - 2)} …`);
}

export type ParsedJson = { ok: true; value: Json } | { ok: false; problem: string };

/** JSON an agent sent. Not JSON, or nested deeper than anything here walks, is a problem in words. */
export function parseAgentJson(text: string): ParsedJson {
  let value: Json;
  try {
    value = JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text) as Json;
  } catch (error) {
    return { ok: false, problem: `is not JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) return { ok: false, problem: `nests deeper than ${MAX_JSON_DEPTH} levels` };
  return { ok: true, value: mayHoldStrangeText(text) ? toStorableJson(value) : value };
}

/** The same value with storable text in it. At most `MAX_JSON_DEPTH` deep. */
export function toStorableJson(value: Json): Json {
  if (typeof value === "string") return toStorableText(value);
  if (Array.isArray(value)) return value.map(toStorableJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toStorableText(key), toStorableJson(item)]));
}

/** Escapes of NUL or surrogates; rare, so that the usual answer is not walked again. */
const mayHoldStrangeText = (text: string): boolean => text.includes("\u0000") || /\\u(?:0000|d[89a-f])/i.test(text) || !text.isWellFormed();

/** Iterative: a hostile depth cannot overflow the stack. */
export function isDeeperThan(value: Json, limit: number): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item).filter((inner) => typeof inner === "object" && inner !== null) : [],
    );
  }
  return false;
}
