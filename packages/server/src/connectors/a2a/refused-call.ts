// What an answer with another status than 2xx means. Pure.
import type { OutcomeFailure } from "@baton/contract";
import type { HttpAnswer } from "../exchange.ts";
import { readUntil } from "../quota-words.ts";
import { type Failure, fail } from "../time-limit.ts";

const KINDS: Partial<Record<number, OutcomeFailure>> = { 408: "unavailable", 429: "quota", 502: "unavailable", 503: "unavailable", 504: "unavailable" };
const BODY_SHOWN = 2_000;

/** With `until` where it says when it may be asked again. */
export function toRefusedCall({ status, text, retryAfter }: HttpAnswer, now: number): Failure {
  if (status >= 300 && status < 400) return fail("agent_error", `HTTP ${status}: redirects are not followed.`);
  const kind = KINDS[status] ?? "agent_error";
  const until = kind === "agent_error" ? undefined : readUntil(retryAfter === undefined ? text : `retry-after: ${retryAfter}`, { now });
  const later = retryAfter === undefined ? "" : ` (retry after ${retryAfter.slice(0, 100)})`;
  return { ...fail(kind, `HTTP ${status}${later}: ${text.slice(0, BODY_SHOWN)}`), ...(until === undefined ? {} : { until }) };
}
/** Whether nothing in the body can make it anything else than what its status says. */
export const isToldByStatus = (status: number): boolean => (status >= 300 && status < 400) || KINDS[status] !== undefined;
