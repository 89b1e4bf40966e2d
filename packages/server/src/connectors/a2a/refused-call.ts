// What an answer with another status than 2xx means. Pure.
import type { OutcomeFailure } from "@baton/contract";
import { iso } from "../../std/clock.ts";
import type { HttpAnswer } from "../exchange.ts";
import { type Failure, fail } from "../time-limit.ts";

const KINDS: Partial<Record<number, OutcomeFailure>> = { 408: "unavailable", 429: "quota", 502: "unavailable", 503: "unavailable", 504: "unavailable" };
const BODY_SHOWN = 2_000;
/** Whoever asks to be left alone for longer than this has said nothing we could wait for. */
const FARTHEST_MS = 32 * 86_400_000;

/** With `until` where it says when it may be asked again. */
export function toRefusedCall({ status, text, retryAfter }: HttpAnswer, now: number): Failure {
  if (status >= 300 && status < 400) return fail("agent_error", `HTTP ${status}: redirects are not followed.`);
  const kind = KINDS[status] ?? "agent_error";
  const until = kind === "agent_error" || retryAfter === undefined ? undefined : readRetryAfter(retryAfter, now);
  const later = retryAfter === undefined ? "" : ` (retry after ${retryAfter.slice(0, 100)})`;
  return { ...fail(kind, `HTTP ${status}${later}: ${text.slice(0, BODY_SHOWN)}`), ...(until === undefined ? {} : { until }) };
}
/** Whether nothing in the body can make it anything else than what its status says. */
export const isToldByStatus = (status: number): boolean => (status >= 300 && status < 400) || KINDS[status] !== undefined;

/** Seconds or a date (RFC 9110). undefined when it is neither, past, or too far away. */
export function readRetryAfter(value: string, now: number): string | undefined {
  const at = /^\s*\d+\s*$/.test(value) ? now + Number(value) * 1000 : /^\s*[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return at > now && at <= now + FARTHEST_MS ? iso(at) : undefined;
}
