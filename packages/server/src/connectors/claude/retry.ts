// How long Claude Code may try the model's API again before the attempt is ended. Pure.
import { type Failure } from "../time-limit.ts";
import { toApiFailure } from "../claude-api-failure.ts";
import type { Retry } from "./messages.ts";

/** Its waits double from half a second: by then the API has refused for about half a minute. Claude Code itself would go on for minutes. */
const MAX_RETRIES = 6;
/** A longer wait is better spent elsewhere. */
const MAX_WAIT_MS = 60_000;

const describe = ({ error_status: status, error = "no reason" }: Retry): string =>
  typeof status === "number" ? `answered ${status} (${error})` : `could not be reached (${error})`;

export function describeRetry(retry: Retry): string {
  const seconds = Math.max(1, Math.round((retry.retry_delay_ms ?? 0) / 1000));
  return `The model's API ${describe(retry)}; trying again in ${seconds} s (${retry.attempt ?? 1} of ${MAX_RETRIES}).`;
}

/** undefined while it may try again. @param until when the quota is renewed, if that was said. */
export function toRetryFailure(retry: Retry, until: number | undefined, now: number): Failure | undefined {
  const { attempt = 1, error_status: status, error: code, retry_delay_ms: wait = 0 } = retry;
  // A key that is refused stays refused.
  const hopeless = status === 401 || status === 403;
  if (!hopeless && attempt <= MAX_RETRIES && wait <= MAX_WAIT_MS) return undefined;
  // Waits that long are what the API asks for; shorter ones may be guesses.
  const lifted = until ?? (wait > MAX_WAIT_MS ? now + wait : undefined);
  const failure = toApiFailure({ status, code, until: lifted, now, text: `The model's API ${describe(retry)}.` });
  return failure.kind === "agent_error" && !hopeless ? { ...failure, kind: "unavailable" } : failure;
}
