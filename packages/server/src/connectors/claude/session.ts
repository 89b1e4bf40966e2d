// One process of Claude Code from its start to its end: the prompt goes in, what it says is told, what it asks is answered, and it is
// ended when it has answered, when it must stop, or when the model's API keeps refusing.
import type { Outcome, Permissions } from "@baton/contract";
import type { Ended, Program, Programs } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES, parseAgentJson, toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { type Failure, fail, type TimeLimit } from "../time-limit.ts";
import { toApiFailure } from "./api-failure.ts";
import { answerControl, helloRequest, interruptRequest, toControlResponse } from "./control.ts";
import { eachLine } from "./lines.ts";
import { type Message, readMessage, type Result, type Retry } from "./messages.ts";
import { openTeller } from "./teller.ts";

export interface SessionWorld {
  clock: Clock;
  programs: Programs;
}
export interface SessionInput {
  program: Program;
  prompt: string;
  permissions: Permissions | undefined;
  context: AttemptContext;
  limit: TimeLimit;
}
export interface Ending extends Pick<Outcome, "usage" | "cost"> {
  ended: Ended;
  /** Whether it said which conversation it holds. */
  begun: boolean;
  /** The last one that came by itself. */
  result: Result | undefined;
  /** Why it was stopped. */
  stopped: Failure | undefined;
  /** What was wrong with the last line that could not be read. */
  problem: string | undefined;
  stderr: string;
  /** Claude Code's word for what went wrong with the model's API. */
  apiError: string | undefined;
  /** When the quota is renewed, in milliseconds since 1970. */
  until: number | undefined;
}

/** Text and thought are counted; with all that is around them a line is sent several times over, in pieces. */
const MAX_STREAM = 32 * MAX_ANSWER_BYTES;
const STDERR_TAIL = 4_096;
const MAX_STDERR_LINE = 1_048_576;
/** Its waits double from half a second: by then the API has refused for about half a minute. */
const MAX_RETRIES = 6;
const MAX_WAIT_MS = 60_000;
/** For its own end of an interrupted turn, then for the signal: together well within the 2 s an attempt has. */
const INTERRUPT_MS = 250;
const KILL_MS = 1_400;
/** After its answer it ends by itself when its input does, unless something of its own goes on; that may talk on, but not hang. */
const QUIET_MS = 5_000;

export async function runSession({ clock, programs }: SessionWorld, input: SessionInput): Promise<Ending> {
  const { context, limit, permissions, program } = input;
  const denied = new Set<string>();
  const teller = openTeller(context, (callId) => denied.has(callId));
  const timers: NodeJS.Timeout[] = [];
  let result: Result | undefined;
  let stopped: Failure | undefined;
  let problem: string | undefined;
  let apiError: string | undefined;
  let until: number | undefined;
  let begun = false;
  let stderr = "";
  let streamed = 0;
  let quiet: NodeJS.Timeout | undefined;

  const run = programs.start(program, (detail) => {
    stopped ??= fail("limit", detail);
  });
  const send = (line: unknown): void => {
    if (run.stdin.writable) run.stdin.write(`${JSON.stringify(line)}\n`);
  };
  const stop = (failure: Failure | undefined): void => {
    if (timers.length > 0) return;
    if (result === undefined) stopped ??= failure;
    send(interruptRequest("stop"));
    run.stdin.end();
    timers.push(setTimeout(run.stop, INTERRUPT_MS), setTimeout(run.kill, KILL_MS));
  };
  const onLimit = (): void => stop(limit.failure());

  const onRetry = (retry: Retry): void => {
    const failure = toRetryFailure(retry, until, clock.now());
    if (failure !== undefined) return stop(failure);
    const seconds = Math.max(1, Math.round((retry.retry_delay_ms ?? 0) / 1000));
    context.onProgress({ message: `The model's API ${describe(retry)}; trying again in ${seconds} s (${retry.attempt ?? 1} of ${MAX_RETRIES}).` });
  };
  const onRequest = async (message: Extract<Message, { type: "control_request" }>): Promise<void> => {
    const answer = await answerControl(message.request, { permissions, cwd: program.cwd, context, onDenied: (callId) => denied.add(callId) });
    send(toControlResponse(message.request_id, answer));
  };
  const take = (message: Message): void => {
    teller.take(message);
    if (teller.said() > MAX_ANSWER_BYTES) return stop(tooMuch);
    if (message.type === "system" && message.subtype === "init") begun = true;
    if (message.type === "system" && message.subtype === "api_retry") onRetry(message);
    if (message.type === "assistant") apiError = message.error ?? apiError;
    if (message.type === "rate_limit_event") until = toReset(message.rate_limit_info) ?? until;
    if (message.type === "control_request") void onRequest(message);
    if (message.type !== "result" || stopped !== undefined) return;
    result = message;
    run.stdin.end();
  };
  const takeLine = (line: string): void => {
    streamed += line.length;
    if (streamed > MAX_STREAM) return stop(tooMuch);
    if (line.trim() === "") return;
    const parsed = parseAgentJson(line);
    const message = parsed.ok ? readMessage(parsed.value) : undefined;
    if (!parsed.ok) problem = `A line of it ${parsed.problem}; it ends: ${toStorableText(line.slice(-200))}`;
    if (message !== undefined) take(message);
    clearTimeout(quiet);
    if (result !== undefined) quiet = setTimeout(run.stop, QUIET_MS);
  };

  // It may end without having read everything: how it ended says what that means.
  run.stdin.on("error", () => undefined);
  eachLine(run.stdout, MAX_ANSWER_BYTES, takeLine, () => stop(tooMuch), takeLine);
  eachLine(run.stderr, MAX_STDERR_LINE, keepError, () => undefined, keepError);
  function keepError(line: string): void {
    stderr = toStorableText(`${stderr}${line}\n`.slice(-STDERR_TAIL));
  }
  limit.signal.addEventListener("abort", onLimit, { once: true });
  if (permissions !== undefined) send(helloRequest("hello"));
  send({ type: "user", message: { role: "user", content: [{ type: "text", text: input.prompt }] } });
  const ended = await run.ended;
  limit.signal.removeEventListener("abort", onLimit);
  for (const timer of [...timers, quiet]) clearTimeout(timer);
  noteDenials(context, result, denied);
  return { ended, begun, result, stopped, problem, stderr, apiError, until, ...teller.spent.spent() };
}

const tooMuch = fail("limit", `It said more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`);
const describe = ({ error_status: status, error }: Retry): string =>
  typeof status === "number" ? `answered ${status} (${error ?? "no reason"})` : `could not be reached (${error ?? "no reason"})`;

const toReset = ({ status, resetsAt }: { status?: string | undefined; resetsAt?: number | undefined }): number | undefined =>
  status === "rejected" && resetsAt !== undefined ? resetsAt * 1000 : undefined;

/** Claude Code itself would go on for minutes: a key that is refused stays refused, and a long wait is better spent elsewhere. */
function toRetryFailure(retry: Retry, until: number | undefined, now: number): Failure | undefined {
  const { attempt = 1, error_status: status, error: code, retry_delay_ms: wait = 0 } = retry;
  const hopeless = status === 401 || status === 403;
  if (!hopeless && attempt <= MAX_RETRIES && wait <= MAX_WAIT_MS) return undefined;
  // Waits that long are the API's own; shorter ones may be guesses.
  const lifted = until ?? (wait > MAX_WAIT_MS ? now + wait : undefined);
  const failure = toApiFailure({ status, code, until: lifted, text: `The model's API ${describe(retry)}.` });
  return failure.kind === "agent_error" && !hopeless ? { ...failure, kind: "unavailable" } : failure;
}

/** What Claude Code's own settings refused; what was refused here has been told already. */
function noteDenials(context: AttemptContext, result: Result | undefined, denied: ReadonlySet<string>): void {
  const names = (result?.permission_denials ?? []).filter(({ tool_use_id: callId = "" }) => !denied.has(callId)).map(({ tool_name: name }) => name ?? "a tool");
  if (names.length > 0) context.onUpdate({ kind: "note", text: `Claude Code refused by its own settings: ${[...new Set(names)].join(", ")}.`.slice(0, 4_000) });
}
