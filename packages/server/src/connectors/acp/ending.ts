// What came of a turn, or of one that never was: the outcome without what was spent. Pure.
import type { RequestError } from "@agentclientprotocol/sdk";
import type { Outcome } from "@baton/contract";
import { describeExit, type Ended } from "../../programs/programs.ts";
import { toDetail } from "../agent-text.ts";
import { type Reading, readQuota } from "../quota-words.ts";
import { toStartFailure } from "../start-failure.ts";
import { type Failure, fail } from "../time-limit.ts";
import type { Initialized, Prompted } from "./messages.ts";

export interface TurnEnd {
  answer: string;
  errorText: string | undefined;
  denied: readonly string[];
}

export function toOutcome(prompted: Prompted, turn: TurnEnd, reading: Reading): Outcome {
  const refused = turn.denied.length === 0 ? "" : `; it was refused: ${turn.denied.slice(0, 10).join(", ")}`;
  switch (prompted.stopReason) {
    case "end_turn":
      if (turn.errorText !== undefined) return toTrouble(turn.errorText, reading);
      // Silence after a no is not work that is done.
      if (turn.answer.trim() === "" && refused !== "") return fail("agent_error", `It ended without an answer${refused}.`);
      return { ok: true, output: turn.answer };
    case "max_tokens":
      return fail("limit", `It came to the end of the tokens its model may use${saidLast(turn.answer)}`);
    case "max_turn_requests":
      return fail("limit", `It came to the end of the calls of its model it may make in a turn${saidLast(turn.answer)}`);
    case "refusal":
      return fail("agent_error", `It refused to go on${saidLast(turn.answer)}`);
    case "cancelled":
      return fail("agent_error", `It stopped by itself${refused}${saidLast(turn.answer)}`);
    default:
      return fail("invalid_response", `It ended its turn for a reason nobody knows: ${prompted.stopReason.slice(0, 200)}`);
  }
}
const saidLast = (answer: string): string => (answer.trim() === "" ? "." : `. It said last: ${answer.trim().slice(-1_000)}`);

const DOWN_WORDS =
  /connection error|unable to connect|econnrefused|econnreset|enotfound|etimedout|fetch failed|request timed out|overloaded|high demand|service unavailable|\b(?:status|code|error):? 5\d\d\b/i;

/** The error that stands in an answer's place. */
export function toRequestFailure(error: RequestError, hello: Initialized | undefined, reading: Reading): Failure {
  const text = `${error.message}${detailOf(error.data, error.message)}`;
  const trouble = toTrouble(text, reading);
  if (error.code !== AUTH_REQUIRED || trouble.kind === "quota") return trouble;
  const ways = (hello?.authMethods ?? []).map(({ id, name, description }) => `${id} (${description ?? name ?? id})`);
  const how = ways.length === 0 ? "" : ` or let it log in by authMethod: ${ways.join("; ")}`;
  return fail("agent_error", `It wants to be logged in: ${text}. Put its key into the agent's environment, log it in once in its HOME${how}.`);
}
/** As the protocol has it. */
const AUTH_REQUIRED = -32000;
function detailOf(data: unknown, message: string): string {
  const text = typeof data === "string" ? data : data === undefined || data === null ? "" : JSON.stringify(data);
  return text === "" || message.includes(text) ? "" : `: ${text}`;
}
function toTrouble(text: string, reading: Reading): Failure {
  const quota = readQuota(text, reading);
  if (quota !== undefined) return { ok: false, kind: "quota", detail: toDetail(text), ...quota };
  return fail(DOWN_WORDS.test(text) ? "unavailable" : "agent_error", text);
}

/** It ended before it had answered. @param said the end of its stderr and of what it wrote that was no message. */
export function toEndFailure(ended: Ended, spoke: boolean, said: string, reading: Reading): Failure {
  if (ended.startError !== undefined) return toStartFailure(ended.startError);
  const killed = ended.code === null || ended.code > 128;
  const how = ended.code === null ? "It was killed" : `It exited with ${describeExit(ended.code)}`;
  const when = spoke ? "before it had answered" : "without a word of the Agent Client Protocol";
  const text = said === "" ? `${how} ${when} and said nothing.` : `${how} ${when}: ${said}`;
  const quota = readQuota(said, reading);
  if (quota !== undefined) return { ok: false, kind: "quota", detail: toDetail(text), ...quota };
  return fail(killed ? "unavailable" : "agent_error", text);
}
