// Why an attempt is stopped before its agent ends it, and what that means for what its agent then says.
import type { Outcome } from "@baton/contract";
import { toStorable } from "./going.ts";
import type { Happening } from "./task-machine.ts";

/** `moved`: its agent is served elsewhere now, and does not hold it. */
export type StopReason = "cancelled" | "timeout" | "fenced" | "released" | "moved" | "restarted" | "braked" | "overspent";
/** Why an attempt is nobody's fault. */
const RELEASED = {
  moved: "Its agent is connected to another server and does not hold it",
  fenced: "Its server had lost its lease",
  restarted: "Its agent was restarted",
  released: "Its server stopped",
} as const;
/** A connector that was stopped says `cancelled`; why it was stopped says what that means. */
export function toHappening(outcome: Outcome, { stopped, braked }: { stopped: StopReason | undefined; braked: string }, timeoutMs: number): Happening {
  if (outcome.ok) return outcome;
  // What it used until then is told all the same.
  const { usage, cost, conversation } = outcome;
  if (stopped === "overspent") return { ok: false, kind: "budget", detail: braked, usage, cost, conversation };
  if (stopped === "braked") return { ok: false, kind: "limit", detail: braked, usage, cost, conversation };
  if (stopped === undefined) return { ...outcome, detail: toStorable(outcome.detail) };
  if (stopped === "timeout") return { ok: false, kind: "timeout", detail: `It was not done after ${timeoutMs} ms.`, usage, cost, conversation };
  const freed = stopped === "cancelled" ? undefined : RELEASED[stopped];
  if (freed !== undefined) return { ok: false, kind: "released", detail: `${freed}; another attempt follows.` };
  return { ok: false, kind: "cancelled", detail: "It was cancelled.", usage, cost, conversation };
}
