// The contract of a step's output, held before its attempt is settled: its JSON Schema, or the answer its part demands. What does not
// fit is no success; the step goes back to its agent with what is wrong, once.
import type { Json } from "@baton/contract";
import { checkAnswer, readJson } from "../planning/ask.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import { misfits } from "../std/json-schema.ts";
import type { StepSpec } from "./submission.ts";
import type { Ending } from "./ending.ts";

type Found = { ok: true; value: Json } | { ok: false; problem: string };

/** However it does not fit: it is sent back for that once. */
const MISFIT = "output";

export function checkOutput(index: AgentIndex, ending: Ending): Ending {
  const { happening, stepSpec, routeKey } = ending;
  // Most steps have no contract: their specification is not even parsed.
  if (!happening.ok || !(stepSpec.includes('"outputSchema"') || stepSpec.includes('"answers"'))) return ending;
  const found = judge(index, JSON.parse(stepSpec) as StepSpec, happening.output ?? null, parseRouteKey(routeKey).project);
  if (found.ok) return found.value === happening.output ? ending : { ...ending, happening: { ...happening, output: found.value } };
  const { usage, cost, conversation } = happening;
  const problem = found.problem.slice(0, 2000);
  return {
    ...ending,
    sendBack: { feedback: problem, failure: MISFIT },
    happening: { ok: false, kind: "invalid_response", detail: `Its output does not fit: ${problem}`, usage, cost, conversation },
  };
}
function judge(index: AgentIndex, { answers, outputSchema }: StepSpec, output: Json, project: string | undefined): Found {
  if (answers) return checkAnswer(answers, output, (key) => index.capable({ requirements: [key], project }).length > 0) as Found;
  if (!outputSchema) return { ok: true, value: output };
  const problems = misfits(outputSchema, output);
  if (problems.length === 0) return { ok: true, value: output };
  // Agents that only write text say JSON as text.
  const read = typeof output === "string" ? readJson(output) : undefined;
  return read !== undefined && misfits(outputSchema, read).length === 0 ? { ok: true, value: read } : { ok: false, problem: problems.join("; ") };
}
