// One attempt in an agent's hands: from the frame that brought it until the server has recorded its outcome.
//
// running  --the function settled-->  ended (outcome kept)  --recorded, or dropped by the server-->  gone
// A cancel only aborts the function's signal: the attempt still ends with an outcome, so that the server learns that the hands are free.
import type { Outcome, Progress, Work } from "@baton/contract";
import { toFailure, toOutcome } from "./result.ts";
import { thin } from "./thin.ts";
import { reasonOf } from "./unreachable.ts";

export interface WorkContext {
  /** Aborted when the work must end: cancelled, timed out, given to another agent, or this agent closes. `reason` is an Error. */
  signal: AbortSignal;
  /** Tells how far the work is. May be called often; five a second are sent. */
  progress(progress: Progress): void;
}
/** Does one piece of work. Returns any JSON as the output, or `result({…})`. What it throws is the failure's detail. */
export type DoWork = (work: Work, context: WorkContext) => unknown;

export interface HeldWork {
  readonly attemptId: string;
  /** The fence to use from now on; the server gives a new one when the attempt is resumed. */
  fence: number;
  /** Set once the function has settled. */
  outcome: Outcome | undefined;
  /** Ends the work. The outcome then is `kind`, unless the function still returns. */
  abort(kind: "cancelled" | "unavailable", reason: string): void;
}

export interface HeldWorkEvents {
  progressed(held: HeldWork, progress: Progress): void;
  ended(held: HeldWork): void;
}

const PROGRESS_INTERVAL_MS = 200;

export function holdWork(doWork: DoWork, work: Work, events: HeldWorkEvents): HeldWork {
  const controller = new AbortController();
  let abortedAs: "cancelled" | "unavailable" | undefined;
  const held: HeldWork = {
    attemptId: work.attemptId,
    fence: work.fence,
    outcome: undefined,
    abort(kind, reason) {
      abortedAs ??= kind;
      controller.abort(new Error(reason));
    },
  };
  const thinned = thin<Progress>(PROGRESS_INTERVAL_MS, (progress) => events.progressed(held, progress));
  const end = (outcome: Outcome) => {
    thinned.stop();
    held.outcome = outcome;
    events.ended(held);
  };
  const context: WorkContext = {
    signal: controller.signal,
    progress: (progress) => {
      if (held.outcome === undefined && !controller.signal.aborted) thinned.push(progress);
    },
  };
  const run = async () => doWork(work, context);
  run().then(
    (returned) => end(toOutcome(returned)),
    (error: unknown) => end(toFailure(abortedAs ?? "agent_error", abortedAs ? reasonOf(controller.signal.reason) : reasonOf(error))),
  );
  return held;
}
