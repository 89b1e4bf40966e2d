// The SignalR JSON protocol, as text and back: records of JSON, each ended by a separator. Pure.
import { type Json, Refusal } from "@baton/contract";
import { z } from "zod";

const SEPARATOR = "\u001e";
const PROTOCOLS = ["json"];

const handshake = z.object({ protocol: z.string().max(50), version: z.number().int() });
const record = z.object({
  type: z.number().int(),
  invocationId: z.string().max(200).optional(),
  target: z.string().max(200).optional(),
  arguments: z
    .array(z.custom<Json>((value) => value !== undefined))
    .max(20)
    .optional(),
});
export type HubRecord =
  | { kind: "invoke"; invocationId: string | undefined; target: string; arguments: Json[] }
  | { kind: "ping" }
  | { kind: "close" }
  /** Streams and completions, which this hub never asked for. */
  | { kind: "other"; invocationId: string | undefined };

/** Splits what came, keeping the beginning of a record that is not whole. */
export function splitRecords(text: string): { records: string[]; rest: string } {
  const parts = text.split(SEPARATOR);
  return { rest: parts.pop() ?? "", records: parts };
}
/** @throws Refusal `bad_input`. */
export function checkHandshake(text: string): void {
  const said = handshake.safeParse(parseJson(text));
  if (!said.success) throw new Refusal("bad_input", "The first record is no handshake: {protocol, version} was expected.");
  if (!PROTOCOLS.includes(said.data.protocol))
    throw new Refusal("bad_input", `The protocol ${said.data.protocol} is not spoken here; ${PROTOCOLS.join(", ")} is.`);
}
/** @throws Refusal `bad_input`. */
export function parseRecord(text: string): HubRecord {
  const read = record.safeParse(parseJson(text));
  if (!read.success) throw new Refusal("bad_input", "A record is no message of the hub protocol.");
  const { type, invocationId, target, arguments: given = [] } = read.data;
  if (type === 1 && target !== undefined) return { kind: "invoke", invocationId, target, arguments: given };
  if (type === 6) return { kind: "ping" };
  return type === 7 ? { kind: "close" } : { kind: "other", invocationId };
}
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal("bad_input", `A record is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const write = (message: object): string => JSON.stringify(message) + SEPARATOR;
export const HANDSHAKE_OK = write({});
export const PING = write({ type: 6 });
export const writeHandshakeError = (error: string): string => write({ error });
export const writeInvocation = (target: string, args: readonly Json[]): string => write({ type: 1, target, arguments: args });
export const writeResult = (invocationId: string, result: Json): string => write({ type: 3, invocationId, result });
export const writeError = (invocationId: string, error: string): string => write({ type: 3, invocationId, error });
export const writeClose = (error?: string): string => write({ type: 7, ...(error === undefined ? {} : { error }) });
