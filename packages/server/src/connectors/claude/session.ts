// One process of Claude Code from its start to its end: the prompt goes in, what it says is told, what it asks is answered, and it is
// ended when it has answered and nothing of its own goes on, when it must stop, or when the model's API keeps refusing.
import type { Json, Outcome, Permissions } from "@baton/contract";
import type { Ended, GuardedRun, Program, Programs } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES, parseAgentJson, toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { type Failure, fail, type TimeLimit } from "../time-limit.ts";
import { openBackground } from "./background.ts";
import { openClosing } from "./closing.ts";
import { answerControl, helloRequest, interruptRequest, toControlResponse } from "./control.ts";
import { eachLine } from "./lines.ts";
import { type Message, readMessage, type Result } from "./messages.ts";
import { describeRetry, toRetryFailure } from "./retry.ts";
import { openSpentCounter } from "./spent.ts";
import { openTeller } from "./teller.ts";

export interface SessionWorld {
  clock: Clock;
  programs: Programs;
}
export interface SessionInput {
  program: Program;
  prompt: string;
  /** Whether it goes on with a conversation. */
  resumes: boolean;
  permissions: Permissions | undefined;
  context: AttemptContext;
  limit: TimeLimit;
}
export interface Ending extends Pick<Outcome, "usage" | "cost"> {
  ended: Ended;
  /** Files it wrote or changed. */
  changed: string[];
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
const tooMuch = fail("limit", `It said more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`);

export async function runSession({ clock, programs }: SessionWorld, input: SessionInput): Promise<Ending> {
  const { context, limit, permissions, program } = input;
  const denied = new Set<string>();
  const spent = openSpentCounter(input.resumes);
  const teller = openTeller(context, spent, (callId) => denied.has(callId));
  const background = openBackground();
  const seen: Omit<Ending, "ended" | "changed" | "usage" | "cost" | "stderr"> = {
    begun: false,
    result: undefined,
    stopped: undefined,
    problem: undefined,
    apiError: undefined,
    until: undefined,
  };
  const run = programs.start(program, (detail) => {
    seen.stopped ??= fail("limit", detail);
  });
  const closing = openClosing(run, background);
  const stop = (failure: Failure | undefined): void => {
    if (seen.result === undefined || !background.isAnswered()) seen.stopped ??= failure;
    send(run, interruptRequest("stop"));
    closing.now();
  };
  const onLimit = (): void => stop(limit.failure());

  const take = (message: Message): void => {
    teller.take(message);
    background.take(message);
    if (teller.said() > MAX_ANSWER_BYTES) return stop(tooMuch);
    if (message.type === "control_request") void answer(message);
    if (message.type === "rate_limit_event") seen.until = toReset(message.rate_limit_info) ?? seen.until;
    if (message.type === "assistant" && !message.parent_tool_use_id) seen.apiError = message.error;
    // What it says of being ended is no answer.
    if (message.type === "result" && !closing.isForced()) seen.result = message;
    if (message.type !== "system") return;
    if (message.subtype === "init") seen.begun = true;
    if (message.subtype !== "api_retry") return;
    const failure = toRetryFailure(message, seen.until, clock.now());
    if (failure === undefined) context.onProgress({ message: describeRetry(message) });
    else stop(failure);
  };
  const answer = async ({ request, request_id: id }: Extract<Message, { type: "control_request" }>): Promise<void> => {
    const response = await answerControl(request, { permissions, cwd: program.cwd, context, onDenied: (callId) => denied.add(callId) });
    send(run, toControlResponse(id, response));
  };
  let streamed = 0;
  const takeLine = (line: string): void => {
    streamed += line.length;
    if (streamed > MAX_STREAM) return stop(tooMuch);
    if (line.trim() === "") return;
    const parsed = parseAgentJson(line);
    if (!parsed.ok) seen.problem = `A line of it ${parsed.problem}; it ends: ${toStorableText(line.slice(-200))}`;
    const message = parsed.ok ? readMessage(parsed.value) : undefined;
    if (message !== undefined) take(message);
    closing.heard();
  };

  eachLine(run.stdout, MAX_ANSWER_BYTES, takeLine, () => stop(tooMuch), takeLine);
  const stderr = keepTail(run);
  limit.signal.addEventListener("abort", onLimit, { once: true });
  // While it was prepared the time may have run out, which nobody says twice.
  if (limit.signal.aborted) onLimit();
  // It may end without having read everything: how it ended says what that means.
  run.stdin.on("error", () => undefined);
  if (permissions !== undefined) send(run, helloRequest("hello"));
  send(run, { type: "user", message: { role: "user", content: [{ type: "text", text: input.prompt }] } });
  const ended = await run.ended;
  limit.signal.removeEventListener("abort", onLimit);
  closing.release();
  noteDenials(context, seen.result, denied);
  return { ...seen, ended, changed: teller.changed(), stderr: stderr(), ...spent.spent() };
}

function send(run: GuardedRun, line: Json): void {
  if (run.stdin.writable) run.stdin.write(`${JSON.stringify(line)}\n`);
}

/** The end of what it wrote to stderr. */
function keepTail(run: GuardedRun): () => string {
  let tail = "";
  run.stderr.on("data", (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-STDERR_TAIL);
  });
  // The pipe of a process that was killed may break; that it ended is told elsewhere.
  run.stderr.on("error", () => undefined);
  return () => toStorableText(tail).trim();
}

const toReset = ({ status, resetsAt }: { status?: string | undefined; resetsAt?: number | undefined }): number | undefined =>
  status === "rejected" && resetsAt !== undefined ? resetsAt * 1000 : undefined;

/** What Claude Code's own settings refused; what was refused here has been told already. */
function noteDenials(context: AttemptContext, result: Result | undefined, denied: ReadonlySet<string>): void {
  const others = (result?.permission_denials ?? []).filter(({ tool_use_id: callId = "" }) => !denied.has(callId));
  const names = [...new Set(others.map(({ tool_name: name }) => name ?? "a tool"))].join(", ");
  if (names !== "") context.onUpdate({ kind: "note", text: `Claude Code refused by its own settings: ${names.slice(0, 3_000)}.` });
}
