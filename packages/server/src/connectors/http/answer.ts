// What an HTTP agent's answer means under its mapping: an output, or a failure with its kind. Pure.
import type { Json, Outcome, OutcomeFailure, ResponseMapping } from "@baton/contract";
import { select, selectAll } from "../../std/json-path.ts";
import { parseAgentJson, toStorableText } from "../agent-text.ts";
import { fail } from "../time-limit.ts";
import type { HttpAnswer } from "../exchange.ts";
import { readUntil } from "../quota-words.ts";

/** Worth another try, says the status itself. */
const UNAVAILABLE_STATUSES = new Set([408, 502, 503, 504]);
/** It is well, and has used up what it may for now. */
const NO_QUOTA_STATUS = 429;
const FAILED_STATUSES = new Set(["error", "failed", "failure", "false"]);
const BODY_SHOWN = 2_000;

/** @throws Refusal when a path takes too long on this answer. */
export function readAnswer(mapping: ResponseMapping, answer: HttpAnswer, now: number): Outcome {
  const parsed = parseAgentJson(answer.text);
  if (answer.status < 200 || answer.status > 299) {
    const failure = fail(kindOf(answer.status), httpProblem(mapping, answer, parsed.ok ? parsed.value : undefined));
    return failure.kind === "quota" ? { ...failure, until: readUntil(`Retry-After: ${answer.retryAfter ?? ""}\n${answer.text}`, { now }) } : failure;
  }
  if (!parsed.ok) {
    if (mapping.resultPath === "$") return { ok: true, output: toStorableText(answer.text) };
    return fail("invalid_response", `The answer ${parsed.problem}. It begins: ${answer.text.slice(0, 200)}`);
  }
  const problem = reportedProblem(mapping, parsed.value);
  if (problem !== undefined) return fail("agent_error", problem);
  return { ok: true, output: extractResult(mapping, parsed.value).output, usage: readUsage(parsed.value) };
}

/** The result, or the whole body when the path matches nothing. */
export function extractResult(mapping: ResponseMapping, body: Json): { matched: boolean; output: Json } {
  const matched = selectAll(body, mapping.resultPath).length > 0;
  return { matched, output: matched ? select(body, mapping.resultPath) : body };
}

/** What the agent itself says went wrong; undefined when it says nothing did. */
export function reportedProblem(mapping: ResponseMapping, body: Json): string | undefined {
  const error = mapping.errorPath === undefined ? null : select(body, mapping.errorPath);
  if (error !== null && error !== false && error !== "") return typeof error === "string" ? error : JSON.stringify(error);
  const status = mapping.statusPath === undefined ? null : select(body, mapping.statusPath);
  const failed = (typeof status === "string" || typeof status === "boolean") && FAILED_STATUSES.has(String(status).toLowerCase());
  return failed ? `The agent answered with the status ${JSON.stringify(status)}.` : undefined;
}

const kindOf = (status: number): OutcomeFailure => (status === NO_QUOTA_STATUS ? "quota" : UNAVAILABLE_STATUSES.has(status) ? "unavailable" : "agent_error");

function httpProblem(mapping: ResponseMapping, answer: HttpAnswer, body: Json | undefined): string {
  if (answer.status >= 300 && answer.status < 400) return `HTTP ${answer.status}: redirects are not followed.`;
  const reported = body === undefined ? undefined : reportedProblem({ ...mapping, statusPath: undefined }, body);
  const later = answer.retryAfter === undefined ? "" : ` (retry after ${answer.retryAfter})`;
  return `HTTP ${answer.status}${later}: ${reported ?? answer.text.slice(0, BODY_SHOWN)}`;
}

/** Tokens in OpenAI's shape, when the answer tells. */
function readUsage(body: Json): { inputTokens: number | null; outputTokens: number | null } | undefined {
  const [inputTokens, outputTokens] = [count(body, "$.usage.prompt_tokens"), count(body, "$.usage.completion_tokens")];
  return inputTokens === null && outputTokens === null ? undefined : { inputTokens, outputTokens };
}
function count(body: Json, path: string): number | null {
  const value = select(body, path);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
