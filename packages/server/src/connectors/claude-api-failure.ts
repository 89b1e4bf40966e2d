// What it means when the model's API did not do what Claude Code asked of it. Pure.
import { iso } from "../std/clock.ts";
import { toDetail } from "./agent-text.ts";
import { readUntil } from "./quota-words.ts";
import { type Failure, fail } from "./time-limit.ts";

export interface ApiTrouble {
  /** HTTP status, when there was an answer at all. */
  status?: number | null | undefined;
  /** Claude Code's word for it, such as `rate_limit`. */
  code?: string | undefined;
  text: string;
  /** Against which the times in `text` are read. */
  now: number;
  /** When the limit is lifted, in milliseconds since 1970, if that was said. */
  until?: number | undefined;
}

const REFUSED = ["authentication_failed", "oauth_org_not_allowed"];
const USED_UP = ["rate_limit", "overloaded", "billing_error"];
const DOWN = ["server_error"];
const REFUSED_WORDS = /not logged in|please run \/login|invalid api key|invalid x-api-key|failed to authenticate|oauth token (has expired|revoked)/i;
const USED_UP_WORDS = /(usage|rate|5-hour|weekly|opus) limit|hit your (\w+ )?limit|limit reached|credit balance is too low|quota|overloaded/i;
const DOWN_WORDS = /connection error|unable to connect|econnrefused|econnreset|enotfound|etimedout|fetch failed|request timed out/i;

export function toApiFailure({ status, code = "", text, until, now }: ApiTrouble): Failure {
  if (status === 401 || status === 403 || REFUSED.includes(code) || REFUSED_WORDS.test(text))
    return fail("agent_error", `Claude Code is not logged in, or its key was refused: ${text}`);
  if (status === 429 || status === 529 || USED_UP.includes(code) || USED_UP_WORDS.test(text)) {
    const lifted = until === undefined ? readUntil(text, { now }) : iso(until);
    return { ok: false, kind: "quota", detail: toDetail(text), ...(lifted === undefined ? {} : { until: lifted }) };
  }
  if ((status ?? 0) >= 500 || DOWN.includes(code) || DOWN_WORDS.test(text)) return fail("unavailable", text);
  return fail("agent_error", text);
}
