// What a finished process of Claude Code comes to: an output, or a failure with its kind. Pure.
import type { Outcome } from "@baton/contract";
import { describeExit } from "../../programs/programs.ts";
import { toStartFailure } from "../start-failure.ts";
import { fail } from "../time-limit.ts";
import { toApiFailure } from "../claude-api-failure.ts";
import type { Result } from "./messages.ts";
import type { Ending } from "./session.ts";

export function readEnding(ending: Ending, now: number): Outcome {
  const { ended, stopped, result, stderr } = ending;
  if (stopped !== undefined) return stopped;
  if (result !== undefined) return readResult(result, ending, now);
  if (ended.startError !== undefined) return toStartFailure(ended.startError);
  const said = stderr.trim() === "" ? "" : `: ${stderr.trim()}`;
  if (ended.code === null || ended.code > 128)
    return fail("unavailable", `Claude Code was ended from outside${ended.code === null ? "" : ` (${describeExit(ended.code)})`} before it answered${said}`);
  if (ended.code > 0) return toApiFailure({ now, text: `Claude Code exited with ${describeExit(ended.code)} before it answered${said}` });
  return fail("invalid_response", `Claude Code ended without a result. ${ending.problem ?? "It wrote nothing that could be read."}${said}`);
}

/** Success is told by `is_error`: an error of the model's API comes as a `success` that is one. */
function readResult(result: Result, { apiError, until }: Ending, now: number): Outcome {
  const { subtype = "success", errors = [] } = result;
  if (subtype === "success" && result.is_error !== true) return { ok: true, output: result.structured_output ?? result.result ?? "" };
  const said = result.result ?? errors.join("\n");
  const text = said === "" ? `Claude Code ended with ${subtype}.` : said;
  if (subtype === "error_max_turns" || subtype === "error_max_budget_usd") return fail("limit", text);
  if (subtype === "error_max_structured_output_retries") return fail("invalid_response", text);
  const status = result.api_error_status;
  if (typeof status === "number" || apiError !== undefined) return toApiFailure({ status, code: apiError, text, until, now });
  return fail("agent_error", text);
}

/** It was asked to go on with a conversation that is not there, and did nothing. */
export const lostConversation = ({ ended, result, stderr }: Ending): boolean =>
  ended.code !== 0 &&
  (result?.num_turns ?? 0) === 0 &&
  /no conversation found|requires a valid session id/i.test([stderr, result?.result, ...(result?.errors ?? [])].join("\n"));
