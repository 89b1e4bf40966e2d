// From what gates said to a verdict. Closed by default: what was not asked, could not judge, or is not there lets nothing through. Pure.
import { createHash } from "node:crypto";
import type { Gate, GateOrigin, GateResult, VerdictState } from "@baton/contract";

export interface DefinedGate {
  origin: GateOrigin;
  gate: Gate;
}
export interface Judgement {
  state: VerdictState;
  passes: boolean;
  reason: string;
}
/** @param gates those that had to be asked: each must have answered, about the tree or about every change. */
export function toJudgement(gates: readonly DefinedGate[], results: readonly GateResult[]): Judgement {
  const isAbout = ({ origin, gate }: DefinedGate, result: GateResult): boolean => result.origin === origin && result.name === gate.name;
  const unasked = gates.filter((one) => !results.some((result) => isAbout(one, result) && result.state !== "skipped"));
  const refusing = gates.flatMap((one) => results.filter((result) => isAbout(one, result) && !letsThrough(one.gate, result)));
  const broken = refusing.filter(({ state }) => state === "misconfigured");
  const failed = refusing.filter(({ state }) => state === "fail" || state === "flaky");
  const tell = (some: readonly GateResult[]): string => some.map(({ name, reason }) => `${name}: ${reason}`).join(" ");
  if (gates.length === 0) return { state: "misconfigured", passes: false, reason: "There is no gate to judge it." };
  if (broken.length > 0) return { state: "misconfigured", passes: false, reason: tell(broken) };
  if (failed.length > 0) return { state: failed.some(({ state }) => state === "fail") ? "fail" : "flaky", passes: false, reason: tell(failed) };
  if (unasked.length > 0) return { state: "misconfigured", passes: false, reason: `Not asked: ${unasked.map(({ gate }) => gate.name).join(", ")}.` };
  const flaky = results.filter(({ state }) => state === "flaky");
  if (flaky.length > 0) return { state: "flaky", passes: true, reason: tell(flaky) };
  return { state: "pass", passes: true, reason: gates.length === 1 ? "Its gate passed." : `All ${gates.length} gates passed.` };
}
function letsThrough(gate: Gate, { state }: GateResult): boolean {
  if (state === "flaky") return gate.kind === "command" && gate.flaky === "pass";
  return state === "pass";
}
/** Gates that were defined in the same way have the same. */
export const gatesHash = (gates: readonly DefinedGate[]): string =>
  createHash("sha256")
    .update(JSON.stringify(gates.map(({ origin, gate }) => [origin, Object.entries(gate).sort(([one], [other]) => (one < other ? -1 : 1))])))
    .digest("base64url")
    .slice(0, 22);
