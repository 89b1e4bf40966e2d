// Plans of the library with a task's inputs in them.
import { parse, planTemplate, Refusal } from "@baton/contract";
import { expect, test } from "vitest";
import { openPlanLibrary } from "../tasks/plan-library.ts";
import { expandTemplate, templateProblem } from "./expand-template.ts";
import { graphProblem } from "./step-graph.ts";

const template = parse(
  planTemplate,
  {
    name: "greet",
    title: "Greet",
    inputs: { who: {}, times: { type: "number", default: 2 }, loud: { type: "boolean", default: false }, tone: { default: "warm", allowed: ["warm", "dry"] } },
    steps: [
      {
        id: "say",
        title: "Greet {{who}}",
        description: "Say it {{ times }} times, {{tone}}.",
        input: { who: "{{who}}", n: "{{times}}", path: "$.task.title" },
      },
      { id: "shout", when: "loud" },
      { id: "end", needs: ["say", "shout"] },
    ],
  },
  "template",
);
const refusalOf = (work: () => unknown): Refusal => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("It was not refused.");
};

test("inputs stand in texts, and are themselves where nothing else stands", () => {
  const { steps, told } = expandTemplate(template, { who: "the world" });
  expect(steps[0]).toMatchObject({ title: "Greet the world", description: "Say it 2 times, warm.", input: { who: "the world", n: 2, path: "$.task.title" } });
  expect(told).toBe("who the world, times 2, loud false, tone warm");
});
test("a step whose condition is false is left out, and nobody needs it", () => {
  expect(expandTemplate(template, { who: "x" }).steps.map((step) => [step.id, step.needs])).toEqual([
    ["say", []],
    ["end", ["say"]],
  ]);
  expect(expandTemplate(template, { who: "x", loud: true }).steps.map((step) => step.id)).toEqual(["say", "shout", "end"]);
});
test("inputs that are missing, wrong, not allowed or unknown are refused by name", () => {
  const { issues } = refusalOf(() => expandTemplate(template, { times: "many", tone: "loud", whom: 1 }));
  expect(issues?.map(({ path, message }) => [path, message])).toEqual([
    ["body.inputs.whom", "is no input of the plan greet"],
    ["body.inputs.who", "must be given"],
    ["body.inputs.times", "must be a number"],
    ["body.inputs.tone", "is not allowed"],
  ]);
});
test("a template that names what is no input is told of", () => {
  expect(templateProblem({ ...template, steps: [{ ...template.steps[0], description: "{{nobody}}" }] as never })).toMatch(/\{\{nobody\}\}, which is no input/);
  expect(templateProblem({ ...template, steps: [{ ...template.steps[0], when: "who" }] as never })).toMatch(/no input of type boolean/);
  const check = { command: "npm", args: ["test", "{{who}}"] };
  expect(templateProblem({ ...template, steps: [{ ...template.steps[0], check }] as never })).toMatch(/input in its check/);
});
test("every plan that comes with the program is one that can end, with and without what may be left out", () => {
  const plans = openPlanLibrary(undefined).list();
  expect(plans.map(({ name }) => name)).toEqual(["bug-fix", "code-review", "deployment", "documentation", "feature", "research"]);
  for (const plan of plans) {
    const given = Object.fromEntries(Object.entries(plan.inputs).flatMap(([name, input]) => (input.default === undefined ? [[name, "something"]] : [])));
    for (const flag of [true, false]) {
      const flags = Object.fromEntries(Object.entries(plan.inputs).flatMap(([name, { type }]) => (type === "boolean" ? [[name, flag]] : [])));
      const { steps } = expandTemplate(plan, { ...given, ...flags });
      expect(graphProblem(steps)).toBeUndefined();
      expect(JSON.stringify(steps)).not.toContain("{{");
    }
  }
});
