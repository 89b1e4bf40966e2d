// A plan of the library with the inputs of a task in it -> steps. Texts get the inputs' values where {{name}} stands; a value that is nothing
// but {{name}} becomes the input itself.
import { type Issue, type Json, type PlanInput, type PlanTemplate, Refusal, type StepInput } from "@baton/contract";
import { graphProblem } from "./step-graph.ts";

type Values = Readonly<Record<string, Json>>;
const PLACE = /\{\{\s*([A-Za-z][A-Za-z0-9_-]*)\s*\}\}/g;

/** @returns `told`: the inputs in words. @throws Refusal `bad_input` naming the inputs that are missing, wrong or unknown. */
export function expandTemplate(template: PlanTemplate, given: Values): { steps: StepInput[]; told: string } {
  const values = readInputs(template, given);
  const kept = template.steps.filter(({ when }) => when === undefined || values[when] === true);
  const ids = new Set(kept.map(({ id }) => id));
  const steps = kept.map(({ when: _, ...step }): StepInput => {
    const { title, description, input } = step;
    return {
      ...step,
      ...(title === undefined ? {} : { title: fillText(title, values) }),
      ...(description === undefined ? {} : { description: fillText(description, values) }),
      ...(input === undefined ? {} : { input: fillJson(input, values) }),
      needs: step.needs.filter((need) => ids.has(need)),
    };
  });
  const told = Object.entries(values).map(([name, value]) => `${name} ${toWords(value)}`);
  return { steps, told: told.join(", ").slice(0, 300) };
}
/** What of a template cannot work, whatever its inputs are. */
export function templateProblem({ steps, inputs }: PlanTemplate): string | undefined {
  for (const step of steps) {
    if (step.when !== undefined && inputs[step.when]?.type !== "boolean") return `step ${step.id} depends on ${step.when}, which is no input of type boolean`;
    if (step.gates && JSON.stringify(step.gates).search(PLACE) >= 0)
      return `step ${step.id} names an input in its gates, which take none: this server runs them`;
    if (step.check && JSON.stringify(step.check).search(PLACE) >= 0)
      return `step ${step.id} names an input in its check, which takes none: this server runs it`;
    for (const [, name] of JSON.stringify(step).matchAll(PLACE))
      if (name !== undefined && !Object.hasOwn(inputs, name)) return `step ${step.id} names {{${name}}}, which is no input`;
  }
  return graphProblem(steps)?.replace(/\.$/, "");
}
function readInputs({ name: plan, inputs }: PlanTemplate, given: Values): Values {
  const issues: Issue[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(inputs, name))
    .map((name) => ({ path: `body.inputs.${name}`, message: `is no input of the plan ${plan}`, allowed: Object.keys(inputs) }));
  const values: Record<string, Json> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const value = Object.hasOwn(given, name) ? given[name] : input.default;
    const problem = value === undefined ? "must be given" : misfit(input, value);
    if (problem !== undefined)
      issues.push({ path: `body.inputs.${name}`, message: problem, ...(input.allowed ? { allowed: input.allowed.map(toWords) } : {}) });
    else values[name] = value as Json;
  }
  if (issues.length > 0)
    throw new Refusal("bad_input", `The inputs do not fit the plan ${plan}: ${issues[0]?.path} ${issues[0]?.message}.`, { issues: issues.slice(0, 20) });
  return values;
}
function misfit({ type, allowed }: PlanInput, value: Json): string | undefined {
  const fits = type === "list" ? Array.isArray(value) : typeof value === type;
  if (!fits) return `must be a ${type}`;
  return allowed && !allowed.includes(value) ? "is not allowed" : undefined;
}
const toWords = (value: Json): string => (typeof value === "string" ? value : Array.isArray(value) ? value.map(toWords).join(", ") : JSON.stringify(value));
const fillText = (text: string, values: Values): string => text.replace(PLACE, (_, name: string) => toWords(values[name] ?? null));
function fillJson(value: Json, values: Values): Json {
  if (typeof value === "string") {
    const whole = /^\{\{\s*([A-Za-z][A-Za-z0-9_-]*)\s*\}\}$/.exec(value)?.[1];
    return whole === undefined ? fillText(value, values) : (values[whole] ?? null);
  }
  if (Array.isArray(value)) return value.map((item) => fillJson(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillJson(item, values)]));
}
