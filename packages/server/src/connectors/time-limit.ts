// When an attempt must stop: at its deadline, at its agent's own time limit, or when the caller says so. One signal for all three.
import type { Outcome, OutcomeFailure, Work } from "@baton/contract";
import type { Clock } from "../std/clock.ts";
import { toDetail } from "./agent-text.ts";
import type { AttemptContext, ConnectorAgent } from "./connector.ts";

export type Failure = Extract<Outcome, { ok: false }>;
export const fail = (kind: OutcomeFailure, detail: string): Failure => ({ ok: false, kind, detail: toDetail(detail) });

export interface TimeLimit {
  /** Aborted when the attempt must stop, for whatever reason. */
  signal: AbortSignal;
  /** Why it must stop; undefined while it may go on. */
  failure(): Failure | undefined;
  /** Lets go of the timer and the caller's signal. Must be called when the attempt has ended. */
  release(): void;
}

const LOOK_MS = 50;

export function startTimeLimit(clock: Clock, agent: ConnectorAgent, work: Work, context: AttemptContext): TimeLimit {
  const startedAt = clock.now();
  const endsAt = Math.min(Date.parse(work.deadlineAt), startedAt + (agent.resourceLimits.timeoutMs ?? Number.POSITIVE_INFINITY));
  const ends = new AbortController();
  let failure: Failure | undefined;
  const stop = (reason: Failure): void => {
    failure ??= reason;
    ends.abort();
  };
  const timedOut = (): void => stop(fail("timeout", `No answer within ${Math.max(0, endsAt - startedAt)} ms.`));
  const cancelled = (): void => stop(fail("cancelled", reasonOf(context.signal)));
  const leftMs = (): number => endsAt + context.askedMs() - clock.now();
  // While a person is waited for, the time left stays what it is: looked at again later.
  const look = (): void => (leftMs() > 0 ? wait() : timedOut());
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(look, Math.max(LOOK_MS, leftMs()));
  };
  timer = setTimeout(look, Math.max(0, leftMs()));
  context.signal.addEventListener("abort", cancelled, { once: true });
  if (context.signal.aborted) cancelled();
  return {
    signal: ends.signal,
    failure: () => failure,
    release: () => {
      clearTimeout(timer);
      context.signal.removeEventListener("abort", cancelled);
    },
  };
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  if (typeof reason === "string") return reason;
  return reason instanceof Error ? reason.message : "Cancelled.";
}
