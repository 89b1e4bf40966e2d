// The pure part of carrying out: what an attempt's outcome means for its step, and what a step's end means for its task.
// No rows, no clock: times are given.
//
// A step is blocked until what it needs has completed, then ready (or held, while its task is paused or has as many steps
// going as it may), then running under an attempt. When nobody can take it, it is set aside as waiting. An attempt that
// timed out or found its agent unavailable sends the step to delayed and back to ready, as often as its retries allow; an
// attempt lost with its server, or ended because the server stops, sends it back to ready at once; so does an output that does
// not fit its contract, once, and work that its check refuses, once for each failure and a few times at most. A plan that grows may drop steps, which are cancelled then. Completed, failed,
// skipped (its task failed first) and cancelled are final until the task is retried.
import type { Failure, Outcome } from "@baton/contract";

/** Between tries, in milliseconds; the last one is used again for tries after it. */
export const BACKOFF_MS = [2000, 5000, 10_000] as const;
export const DEFAULT_RETRIES = 2;
/** How often a step may lose its server before it is taken for the cause. */
export const MAX_LOSSES = 5;
/** Ready steps of one rank more are served as if they had waited this much longer: nothing starves. */
export const AGING_MS = 60_000;

/** `lost`: the server that held the lease is gone. `released`: it stops and gives the work back. */
export type Happening = Outcome | { ok: false; kind: "lost" | "released"; detail: string };
export type Verdict =
  | { step: "completed" }
  /** `feedback`: what was wrong, for whoever does it again. */
  | { step: "ready"; reason: string; losses: number; feedback?: string }
  | { step: "delayed"; reason: string; waitMs: number; retriesLeft: number; exclude: boolean }
  | { step: "failed"; reason: string; failure: Failure["kind"] };

/** @param step `sendBack`: what is wrong with its output, when it may be done again. @param chance 0..1, spreads retries by up to a quarter so that they do not come all at once. */
export function judge(
  happening: Happening,
  step: { retriesLeft: number; tries: number; losses: number; sendBack?: string | undefined },
  chance: number,
): Verdict {
  if (happening.ok) return { step: "completed" };
  const { kind, detail } = happening;
  // The agent is parked until its quota is back; the step costs no try, and goes to whoever else can do it, or waits.
  if (kind === "quota") return { step: "ready", reason: `No quota: ${detail}`, losses: step.losses };
  if (kind === "released") return { step: "ready", reason: detail, losses: step.losses };
  if (kind === "lost") {
    if (step.losses >= MAX_LOSSES)
      return { step: "failed", reason: `Lost its server ${step.losses + 1} times; it may be what ends them. ${detail}`, failure: "internal" };
    return { step: "ready", reason: detail, losses: step.losses + 1 };
  }
  if (step.sendBack !== undefined) return { step: "ready", reason: `${detail} It was sent back.`, losses: step.losses, feedback: step.sendBack };
  if ((kind === "timeout" || kind === "unavailable") && step.retriesLeft > 0) {
    const base = BACKOFF_MS[Math.min(step.tries, BACKOFF_MS.length - 1)] as number;
    const waitMs = Math.round(base * (1 + chance / 4));
    return {
      step: "delayed",
      reason: `${detail} Tried again in ${(waitMs / 1000).toFixed(1)} s; ${step.retriesLeft} tries left.`,
      waitMs,
      retriesLeft: step.retriesLeft - 1,
      exclude: kind === "unavailable",
    };
  }
  return {
    step: "failed",
    reason: detail,
    failure: kind === "timeout" || kind === "budget" || kind === "gate" ? kind : kind === "cancelled" ? "internal" : "agent_error",
  };
}

export const attemptState = (happening: Happening): "completed" | "failed" | "lost" | "cancelled" => {
  if (happening.ok) return "completed";
  return happening.kind === "lost" ? "lost" : happening.kind === "cancelled" || happening.kind === "released" ? "cancelled" : "failed";
};
export const queueKey = (now: number, priority: number): number => now - priority * AGING_MS;
export const isTerminal = (status: string): boolean => status === "completed" || status === "failed" || status === "cancelled";
/** Why a task waits for tasks it depends on, of which at least one has not completed. */
export function describeOpen(open: readonly { id: string; title: string; status: string }[]): string {
  const dead = open.find((task) => isTerminal(task.status));
  if (dead) return `Task ${dead.id} (${dead.title}) ${dead.status === "failed" ? "failed" : "was cancelled"}; retry it, or cancel this one.`;
  const first = open[0] as { id: string; title: string };
  const rest = open.length > 1 ? ` and ${open.length - 1} more` : "";
  return `Waits for task ${first.id} (${first.title})${rest} to complete.`;
}
/** The result of a plan: the output itself when one step ends it, else the outputs by step. */
export function toResult(ends: readonly { step_id: string; output: string }[]): string | null {
  const only = ends[0];
  if (!only) return null;
  if (ends.length === 1) return only.output;
  return `{${ends.map((end) => `${JSON.stringify(end.step_id)}:${end.output}`).join(",")}}`;
}
