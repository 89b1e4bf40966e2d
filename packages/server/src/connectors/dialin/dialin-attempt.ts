// One attempt in the hands of an agent that dialled in: its state, its one timer, and its outcome. The states are told in dialin.ts.
import { type Json, MAX_JSON_DEPTH, type Outcome, type Progress, type ServerFrame, type Update, type Work } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import { isDeeperThan, MAX_ANSWER_BYTES, toDetail, toStorableJson } from "../agent-text.ts";
import type { AttemptContext, ConnectorAgent, Question } from "../connector.ts";
import { type Failure, fail, startTimeLimit, type TimeLimit } from "../time-limit.ts";

/** One agent's connection. `send` must not throw; what it is given after the connection went may be dropped. */
export interface Link {
  send(frame: ServerFrame): void;
}
export interface Held {
  attemptId: string;
  fence: number;
}
/** `not_here`: nobody here waits for this attempt with this fence on this link; the rows know what became of it. */
export type Taken = "taken" | "not_here";
export interface Timing {
  clock: Clock;
  reconnectMs: number;
  acceptMs: number;
}
export interface Given {
  agent: ConnectorAgent;
  work: Work;
  context: AttemptContext;
  /** The agent works on it already. */
  accepted: boolean;
  /** The agent's link as it is now. */
  link(): Link | undefined;
}

/** How long a cancelled agent may take to say that it stopped; the contract gives 2 s in all. */
const CANCEL_WAIT_MS = 1_500;
const STARTS = 2;
/** Open at once; an agent that asks more is not answered. */
const MAX_QUESTIONS = 100;
/** Reasons of a signal that mean: another server takes over, the agent is to go on. */
const LET_GO: readonly unknown[] = ["released", "fenced"];

export class DialinAttempt {
  readonly outcome: Promise<Outcome>;
  readonly fence: number;
  readonly #timing: Timing;
  readonly #given: Given;
  readonly #limit: TimeLimit;
  #resolve: (outcome: Outcome) => void = () => undefined;
  #accepted: boolean;
  #starts = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  /** Questions by the agent's own number: asked again after a reconnect, they are the same. */
  readonly #asked = new Set<string>();

  constructor(timing: Timing, given: Given) {
    this.#timing = timing;
    this.#given = given;
    this.#accepted = given.accepted;
    this.fence = given.work.fence;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#limit = startTimeLimit(timing.clock, given.agent, given.work, given.context);
    this.#limit.signal.addEventListener("abort", () => this.#onLimit());
  }

  begin(): void {
    const failure = this.#limit.failure();
    if (failure !== undefined) this.#end(failure);
    else if (this.#given.link() === undefined && !this.#accepted) this.#lose("The agent is not connected.");
    else if (this.#given.link() === undefined) this.onDetached();
    else if (!this.#accepted) this.#offer();
  }

  onAttached(held: readonly Held[]): void {
    const { attemptId, fence } = this.#given.work;
    if (this.#limit.failure() !== undefined) return this.#cancel("It was ended while the agent was away.");
    if (held.some((one) => one.attemptId === attemptId && one.fence === fence)) return this.onAccepted();
    // What was accepted and is not held may have ended while the connection broke: its outcome may still come within the grace.
    if (this.#accepted) return;
    this.#starts = 0;
    this.#offer();
  }

  onDetached(): void {
    const failure = this.#limit.failure();
    // Nobody is left to say that it stopped.
    if (failure !== undefined) return this.#end(failure);
    const { reconnectMs } = this.#timing;
    this.#wait(reconnectMs, () => this.#lose(`The agent went away and did not come back within ${reconnectMs} ms.`));
  }

  onAccepted(): void {
    this.#accepted = true;
    if (this.#limit.failure() === undefined) clearTimeout(this.#timer);
  }

  onProgressed(progress: Progress): void {
    this.onAccepted();
    if (!this.#ended && this.#limit.failure() === undefined) this.#given.context.onProgress(progress);
  }

  onUpdated(updates: readonly Update[]): void {
    this.onAccepted();
    if (this.#ended || this.#limit.failure() !== undefined) return;
    for (const update of updates) this.#given.context.onUpdate(toStorableJson(update as unknown as Json) as unknown as Update);
  }

  onAsked(askId: string, question: Question): void {
    this.onAccepted();
    if (this.#ended || this.#asked.has(askId) || this.#asked.size >= MAX_QUESTIONS) return;
    this.#asked.add(askId);
    const { attemptId } = this.#given.work;
    void this.#given.context.ask({ ...question, key: askId }).then((answer) => {
      // To whichever connection it has by then; one that has none asks again.
      this.#asked.delete(askId);
      this.#given.link()?.send({ type: "attempt.answered", attemptId, askId, answer });
    });
  }

  /** The first outcome counts. */
  onEnded(outcome: Outcome): Taken {
    if (this.#ended) return "not_here";
    this.#end(this.#limit.failure() ?? toOutcome(outcome));
    return "taken";
  }

  /** Stops waiting. The agent is told nothing: it may go on, and finish for whoever waits next. */
  abandon(reason: string): void {
    this.#lose(reason);
  }

  #offer(): void {
    const { acceptMs } = this.#timing;
    if (this.#starts === STARTS) {
      this.#cancel("It was not accepted in time.");
      return this.#lose(`The agent did not accept the work within ${STARTS * acceptMs} ms.`);
    }
    this.#starts++;
    this.#given.link()?.send({ type: "attempt.start", work: this.#given.work });
    this.#wait(acceptMs, () => this.#offer());
  }

  /** Cancelled or out of time: the agent gets a moment to say that it stopped, if it ever heard of the work. */
  #onLimit(): void {
    const failure = this.#limit.failure();
    if (failure === undefined || this.#ended) return;
    const heardOfIt = this.#accepted || this.#starts > 0;
    const letGo = LET_GO.includes(this.#given.context.signal.reason);
    if (letGo || this.#given.link() === undefined || !heardOfIt) return this.#end(failure);
    this.#cancel(failure.detail);
    this.#wait(CANCEL_WAIT_MS, () => this.#end(failure));
  }

  #cancel(reason: string): void {
    this.#given.link()?.send({ type: "attempt.cancel", attemptId: this.#given.work.attemptId, reason });
  }
  #lose(detail: string): void {
    this.#end(this.#limit.failure() ?? fail("unavailable", detail));
  }
  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(then, ms);
  }
  #end(outcome: Outcome | Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#limit.release();
    this.#resolve(outcome);
  }
}

/** The agent's own outcome, within the bounds that hold for what any agent says. */
function toOutcome(outcome: Outcome): Outcome {
  if (!outcome.ok) return { ...outcome, detail: toDetail(outcome.detail) };
  // Depth first: a hostile depth would overflow the stack of what measures the length.
  if (isDeeperThan(outcome.output, MAX_JSON_DEPTH)) return fail("invalid_response", `The output nests deeper than ${MAX_JSON_DEPTH} levels.`);
  if (Buffer.byteLength(JSON.stringify(outcome)) > MAX_ANSWER_BYTES) return fail("limit", `The outcome is longer than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`);
  return toStorableJson(outcome as unknown as Json) as unknown as Outcome;
}
