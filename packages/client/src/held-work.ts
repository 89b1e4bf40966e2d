// One attempt in an agent's hands: from the frame that brought it until the server has recorded its outcome.
//
// running  --the function settled-->  ended (outcome kept)  --recorded, or dropped by the server-->  gone
// A cancel only aborts the function's signal: the attempt still ends with an outcome, so that the server learns that the hands are free.
import type { Answer, Message, Outcome, Progress, Question, Update, Work } from "@baton/contract";
import type { MessageToSend } from "./message-to-send.ts";
import { toFailure, toOutcome } from "./result.ts";
import { thin } from "./thin.ts";
import { reasonOf } from "./unreachable.ts";

export interface WorkContext {
  /** Aborted when the work must end: cancelled, timed out, given to another agent, or this agent closes. `reason` is an Error. */
  signal: AbortSignal;
  /** Tells how far the work is. May be called often; five a second are sent. */
  progress(progress: Progress): void;
  /** Tells what is done and said on the way: pieces of text, tool calls, what was used so far. Kept with the attempt; not sent while the server is away. */
  update(update: Update): void;
  /** Waits for a person to approve or reject, or to say something (`kind: "input"`, told in `comment`). Does not reject; a server that is away is waited for. */
  ask(question: Question): Promise<Answer>;
  /** Sends a message as this agent. Resolves when it is stored; a server that is away is waited for. @throws Refusal */
  send(message: MessageToSend): Promise<Message>;
}
/** Does one piece of work. Returns any JSON as the output, or `result({…})`. What it throws is the failure's detail. */
export type DoWork = (work: Work, context: WorkContext) => unknown;

export interface HeldWork {
  readonly attemptId: string;
  /** The fence to use from now on; the server gives a new one when the attempt is resumed. */
  fence: number;
  /** Set once the function has settled. */
  outcome: Outcome | undefined;
  /** Questions without an answer, by their number. */
  readonly asking: ReadonlyMap<string, Question>;
  answer(askId: string, answer: Answer): void;
  /** Ends the work. The outcome then is `kind`, unless the function still returns. */
  abort(kind: "cancelled" | "unavailable", reason: string): void;
}

export interface HeldWorkEvents {
  send(message: MessageToSend): Promise<Message>;
  progressed(held: HeldWork, progress: Progress): void;
  updated(held: HeldWork, updates: Update[]): void;
  asked(held: HeldWork, askId: string, question: Question): void;
  ended(held: HeldWork): void;
}

const PROGRESS_INTERVAL_MS = 200;
const UPDATES_INTERVAL_MS = 100;
const UPDATES_AT_ONCE = 200;

export function holdWork(doWork: DoWork, work: Work, events: HeldWorkEvents): HeldWork {
  const controller = new AbortController();
  const questions = new Map<string, { question: Question; resolve(answer: Answer): void }>();
  let abortedAs: "cancelled" | "unavailable" | undefined;
  const held: HeldWork = {
    attemptId: work.attemptId,
    fence: work.fence,
    outcome: undefined,
    get asking() {
      return new Map([...questions].map(([askId, { question }]) => [askId, question]));
    },
    answer(askId, answer) {
      questions.get(askId)?.resolve(answer);
      questions.delete(askId);
    },
    abort(kind, reason) {
      abortedAs ??= kind;
      controller.abort(new Error(reason));
      for (const askId of questions.keys()) held.answer(askId, { decision: "ended", comment: null });
    },
  };
  const thinned = thin<Progress>(PROGRESS_INTERVAL_MS, (progress) => events.progressed(held, progress));
  let gathered: Update[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    for (; gathered.length > 0; gathered = gathered.slice(UPDATES_AT_ONCE)) events.updated(held, gathered.slice(0, UPDATES_AT_ONCE));
  };
  let asked = 0;
  const end = (outcome: Outcome) => {
    thinned.stop();
    tell();
    held.outcome = outcome;
    events.ended(held);
  };
  const context: WorkContext = {
    signal: controller.signal,
    progress: (progress) => {
      if (held.outcome === undefined && !controller.signal.aborted) thinned.push(progress);
    },
    update: (update) => {
      if (held.outcome !== undefined || controller.signal.aborted) return;
      gathered.push(update);
      if (gathered.length >= UPDATES_AT_ONCE) tell();
      else timer ??= setTimeout(tell, UPDATES_INTERVAL_MS);
    },
    send: (message) => events.send(message),
    ask: (question) => {
      if (held.outcome !== undefined || controller.signal.aborted) return Promise.resolve({ decision: "ended", comment: null });
      return new Promise((resolve) => {
        const askId = String(++asked);
        questions.set(askId, { question, resolve });
        events.asked(held, askId, question);
      });
    },
  };
  const run = async () => doWork(work, context);
  run().then(
    (returned) => end(toOutcome(returned)),
    (error: unknown) => end(toFailure(abortedAs ?? "agent_error", abortedAs ? reasonOf(controller.signal.reason) : reasonOf(error))),
  );
  return held;
}
