// Checking what one agent produced by another, and what a try counts for: shared by the patterns in which the first that passes wins.
import type { PartAnswer } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import { askFor } from "./ask.ts";
import { newStep, outputOf, type PlannedStep, type PlanTask, type StepView, type View } from "./pattern.ts";

export type Standing = "open" | "failed" | "to verify" | "verifying" | "accepted" | "rejected" | "unverified";

const verifyId = (tried: StepView): string => tried.id.replace("try", "verify");
export function standingOf(view: View, tried: StepView): Standing {
  if (tried.status === "open" || tried.status === "running") return "open";
  if (tried.status !== "completed") return "failed";
  if (!view.task.coordination.verify) return "accepted";
  const check = view.steps.find((step) => step.id === verifyId(tried));
  if (!check) return "to verify";
  if (check.status === "open" || check.status === "running") return "verifying";
  if (check.status !== "completed") return "unverified";
  return (check.output as PartAnswer<"verdict">).accepted ? "accepted" : "rejected";
}
/** Why it does not count, in words. */
export function reasonAgainst(view: View, tried: StepView): string {
  if (tried.failure !== null) return tried.failure;
  const check = view.steps.find((step) => step.id === verifyId(tried));
  if (check?.status === "completed") return (check.output as PartAnswer<"verdict">).reason ?? "It was rejected without a reason.";
  return check?.failure ?? "It was not verified.";
}
export function toVerify(task: PlanTask, tried: StepView): PlannedStep {
  const { requirements = [], agent } = task.coordination.verify ?? {};
  return newStep(verifyId(tried), task, {
    title: `Verify ${tried.id}`,
    description: askFor("verdict", task, "Check whether what was produced does what the task asks for. It is in the input, as `output`."),
    requirements: [...new Set(requirements.map(toCapabilityKey))],
    agent: agent ?? null,
    needs: [tried.id],
    input: { type: "verification", output: outputOf(tried.id) },
    answers: "verdict",
    part: "verify",
    role: "monitor",
    round: tried.round,
    excluded: tried.agent === null ? [] : [tried.agent],
  });
}
