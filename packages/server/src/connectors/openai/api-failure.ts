// What a model service's "no" means: what it says with an HTTP status, and what it says in the middle of a stream. Pure.
import type { Json } from "@baton/contract";
import { iso } from "../../std/clock.ts";
import { parseAgentJson } from "../agent-text.ts";
import { readUntil } from "../quota-words.ts";
import { type Failure, fail } from "../time-limit.ts";
import { isObject, textIn } from "./turn.ts";

export interface ApiAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}
const CONTEXT = /context[_ ](?:length|window)|maximum context|prompt is too long|too many (?:input )?tokens|reduce the length/i;
const FILTERED = /content[_ ](?:filter|policy)|responsible ?ai/i;
const SPENT = /insufficient_quota|exceeded your current quota|insufficient[_ ](?:balance|credits?)|billing/i;
const DETAIL = 2_000;
const FARTHEST_MS = 32 * 86_400_000;

/** @param keys names of the variables and secrets that hold the key, so that a refused one says which to look at; the key itself is never told. */
export function toApiFailure(answer: ApiAnswer, keys: readonly string[], now: number): Failure {
  const parsed = parseAgentJson(answer.text);
  const { message, code } = parsed.ok ? wordsOf(parsed.value) : { message: answer.text, code: "" };
  const said = message.slice(0, DETAIL);
  const { status } = answer;
  if (status === 401 || status === 403) {
    const hint = keys.length === 0 ? "its registration gives no key (auth or headers)" : `the key is in ${keys.join(", ")}`;
    return fail("agent_error", `The model service refused the call (HTTP ${status}); ${hint}.${status === 403 ? ` It says: ${said}` : ""}`);
  }
  const detail = `HTTP ${status}: ${said}`;
  if (status === 429 || status === 402) {
    const until = SPENT.test(`${code} ${message}`) ? undefined : (untilOf(answer.headers, now) ?? readUntil(message, { now }));
    return { ...fail("quota", detail), ...(until === undefined ? {} : { until }) };
  }
  if (CONTEXT.test(`${code} ${message}`) || status === 413) return fail("limit", `The model cannot take that much. ${detail}`);
  if (FILTERED.test(`${code} ${message}`)) return fail("agent_error", `The service's content filter refused it. ${detail}`);
  if (status === 408 || status >= 500) return fail("unavailable", detail);
  return fail("agent_error", status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed.` : detail);
}

/** What a service says in the middle of an answer. */
export function toEventFailure(error: Json): Failure {
  const { message, code } = wordsOf(error);
  const all = `${code} ${message}`;
  const detail = `The model service broke off: ${message.slice(0, DETAIL)}${code === "" ? "" : ` (${code})`}`;
  if (/rate_limit|\b429\b/i.test(code) || SPENT.test(all)) return fail("quota", detail);
  if (CONTEXT.test(all)) return fail("limit", detail);
  if (/server_error|overloaded|unavailable|internal|timeout|\b5\d\d\b/i.test(code)) return fail("unavailable", detail);
  return fail("agent_error", detail);
}

/** The message and the code of an error, in whichever of the usual places they stand. */
export function wordsOf(body: Json): { message: string; code: string } {
  const error = isObject(body) && body["error"] !== undefined ? body["error"] : isObject(body) && isObject(body["detail"]) ? body["detail"] : body;
  if (!isObject(error)) return { message: typeof error === "string" ? error : JSON.stringify(error), code: "" };
  const message = textIn(error["message"]) || textIn(error["detail"]) || JSON.stringify(error);
  const code = [error["code"], error["type"]].filter((one) => typeof one === "string" || typeof one === "number").join(" ");
  return { message, code };
}

/** When its headers say it may be asked again, ISO. */
function untilOf(headers: ApiAnswer["headers"], now: number): string | undefined {
  const header = (name: string): string => [headers[name] ?? ""].flat()[0] ?? "";
  const millis = Number(header("retry-after-ms") || Number.NaN);
  const at = [
    Number.isNaN(millis) ? undefined : now + millis,
    toInstant(header("retry-after"), now),
    // Of what is used up; where nothing is said to be, whatever comes back last.
    latest(
      ["requests", "tokens", "input-tokens", "output-tokens"].map((what) => (header(`x-ratelimit-remaining-${what}`) === "0" ? resetOf(what) : undefined)),
    ),
    latest(["requests", "tokens"].map(resetOf)),
    toInstant(header("x-ratelimit-reset"), now),
  ].find((one) => one !== undefined && one >= now && one <= now + FARTHEST_MS);
  function resetOf(what: string): number | undefined {
    return toInstant(header(`x-ratelimit-reset-${what}`), now);
  }
  return at === undefined ? undefined : iso(Math.ceil(at));
}
const latest = (times: (number | undefined)[]): number | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Seconds, an instant in seconds or milliseconds since 1970, a duration such as 6m0s or 20ms, or a date. */
function toInstant(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const amount = Number(text);
    if (amount > 1e12) return amount;
    return amount > 1e9 ? amount * 1000 : now + amount * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text))
    return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), now);
  const at = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
