// Plans are data, and always ones that can be carried out to their end.
import { type ParsedTaskInput, parse, Refusal, taskInput, type TaskInput } from "@baton/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AgentIndex, type RoutableAgent } from "../routing/agent-index.ts";
import { groupRequirements } from "./group-requirements.ts";
import type { Candidates } from "./pattern.ts";
import { type Plan, toPlan } from "./plan.ts";

const task = (input: Partial<TaskInput>): ParsedTaskInput => parse(taskInput, { description: "Do it.", ...input }, "body");
const those = (canCover: Candidates["canCover"]): Candidates => ({ able: () => [], canCover, named: () => [] });
const anybody = those(() => true);
const refusalOf = (work: () => unknown): Refusal => {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("It was not refused.");
};
/** Whether all steps can be done one after another. */
function canEnd({ steps }: Plan): boolean {
  const done = new Set<string>();
  for (let went = true; went; ) {
    went = false;
    for (const step of steps)
      if (!done.has(step.id) && step.needs.every((need) => done.has(need))) {
        done.add(step.id);
        went = true;
      }
  }
  return done.size === steps.length;
}

/** Any steps with any needs among them, circles included. */
const graph = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc
      .array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 20 })
      .map((edges) => Array.from({ length: count }, (_, at) => ({ id: `s${at}`, needs: edges.filter(([from]) => from === at).map(([, to]) => `s${to}`) }))),
  );

test("steps become a plan that can end, or are refused with the place of what is wrong", () => {
  fc.assert(
    fc.property(graph, (steps) => {
      const given = task({ steps });
      let plan: Plan | undefined;
      try {
        plan = toPlan(given, anybody);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).issues?.every((issue) => issue.path.startsWith("body.steps"))).toBe(true);
      }
      const possible = canEnd({ pattern: "steps", reason: "", steps: steps.map((step) => ({ ...step, needs: [...new Set(step.needs)] })) as never });
      expect(plan !== undefined).toBe(possible);
      if (plan) expect(plan.steps.map((step) => [step.id, step.needs])).toEqual(steps.map((step) => [step.id, [...new Set(step.needs)]]));
    }),
  );
});

test("a circle is told as the way round it, without those who only wait behind it", () => {
  const steps = [{ id: "start" }, { id: "a", needs: ["start", "c"] }, { id: "b", needs: ["a"] }, { id: "c", needs: ["b"] }, { id: "behind", needs: ["c"] }];
  const refusal = refusalOf(() => toPlan(task({ steps }), anybody));
  expect(refusal.issues).toEqual([{ path: "body.steps", message: "these steps need each other in a circle: a needs c needs b needs a" }]);
});

test.each([
  [[{ id: "a", needs: ["a"] }], "body.steps[0].needs[0]"],
  [[{ id: "a" }, { id: "a" }], "body.steps[1].id"],
  [[{ id: "a", needs: ["__proto__"] }], "body.steps[0].needs[0]"],
])("steps that are no plan name the place: %j", (steps, path) => {
  expect(refusalOf(() => toPlan(task({ steps }), anybody)).issues?.map((issue) => issue.path)).toEqual([path]);
});

test("names of the prototype are ids like others", () => {
  const plan = toPlan(task({ steps: [{ id: "__proto__" }, { id: "constructor", needs: ["__proto__"] }] }), anybody);
  expect(canEnd(plan)).toBe(true);
});

const names = fc.uniqueArray(fc.constantFrom<string[]>("a", "b", "c", "d", "e", "f", "g"), { maxLength: 7 });
test("groups cover each requirement once and in order, and each group somebody covers, but for what nobody has", () => {
  fc.assert(
    fc.property(names, fc.array(names, { maxLength: 4 }), (requirements, agents) => {
      const canCover = (wanted: readonly string[]): boolean => agents.some((has) => wanted.every((name) => has.includes(name)));
      const groups = groupRequirements(requirements, canCover);
      expect(groups.flat()).toEqual(requirements);
      for (const group of groups) if (group.length > 1) expect(canCover(group)).toBe(true);
      for (let at = 1; at < groups.length; at++) expect(canCover([...(groups[at - 1] ?? []), groups[at]?.[0] ?? ""])).toBe(false);
    }),
  );
});

test("a task without steps gets one step for each group, each after the one before", () => {
  fc.assert(
    fc.property(names, fc.array(names, { maxLength: 4 }), (requirements, agents) => {
      const canCover = (wanted: readonly string[]): boolean => agents.some((has) => wanted.every((name) => has.includes(name)));
      const plan = toPlan(task({ requirements }), those(canCover));
      expect(canEnd(plan)).toBe(true);
      expect(plan.steps.flatMap((step) => step.requirements)).toEqual(requirements);
      expect(plan.steps.map((step) => step.needs)).toEqual(plan.steps.map((_, at) => (at === 0 ? [] : [plan.steps[at - 1]?.id])));
      expect(plan.pattern).toBe(plan.steps.length === 1 ? "single" : "steps");
    }),
  );
});

test.each([
  ["Review the login code, then write a report.", "general", ["code_review", "report_writing"]],
  ["Scan all of this for secrets and debug it", "general", ["secret_scanning", "debugging"]],
  ["Look at src.", "code-review", ["code_review"]],
  ["Test it: code is what the shop and the login are made of; a review of the manual and some secrets come later.", "general", ["testing"]],
  ["Say hello.", "general", []],
])("a task without requirements asks for what its words name and somebody has: %s", (description, type, requirements) => {
  const index = new AgentIndex();
  const rest = { maxConcurrentTasks: 1, unavailable: null, parkedFor: null, completed: 0, failed: 0, averageDurationMs: null, role: "worker", price: null };
  const put = (id: string, names: string[], more: Partial<RoutableAgent> = {}): void =>
    index.put({ id, name: id, capabilities: names.map((name) => ({ name, proficiency: 1, technologies: [] })), ...rest, ...more });
  put("all", ["code_review", "Report-Writing", "secret scanning", "debugging", "testing"]);
  put("away", ["manual"], { unavailable: "is away" });
  put("tools", ["some", "secrets"], { onRequest: true });
  const candidates = { ...anybody, named: (stems: readonly string[]) => index.named(stems, undefined) };
  const plan = toPlan(task({ description, type }), candidates);
  expect(plan.requirements).toEqual(requirements);
  expect(plan.steps.flatMap((step) => step.requirements)).toEqual(requirements);
  expect(plan.reason).toContain(requirements.length === 0 ? "any agent" : `asks for ${requirements.join(", ")}.`);
  // What is required is not guessed at, nor is what the plan is made of.
  expect(toPlan(task({ description, type, requirements: ["other"] }), candidates).requirements).toEqual(["other"]);
  expect(toPlan(task({ description, type, steps: [{ id: "a" }] }), candidates).steps[0]?.requirements).toEqual([]);
});

test("the same requirement in another spelling is the same", () => {
  expect(toPlan(task({ requirements: ["Code-Review", "code review", "CODE_REVIEW"] }), anybody).steps[0]?.requirements).toEqual(["code_review"]);
});
