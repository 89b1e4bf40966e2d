// Whatever the agents do, every pattern keeps to its laws: a plan is always one that can end, bounds hold, what is produced is used or
// delivered, and the same view gives the same growth. Simulated: each step ends as chance has it, until the task ends.
import { MAX_STEPS, type ParsedTaskInput, parse, taskInput } from "@baton/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { complexityOf, choosePattern } from "./auto.ts";
import { checkAnswer } from "./ask.ts";
import type { Candidate, Candidates, Growth, PlannedStep, View } from "./pattern.ts";
import { grow, isGrowing } from "./patterns.ts";
import { toPlan, toPlanTask } from "./plan.ts";
import { graphProblem } from "./step-graph.ts";

const CAPABILITIES = ["read", "write", "paint", "test", "plan"];
const candidate = fc.record<Candidate>({
  id: fc.constant(""),
  name: fc.constant(""),
  role: fc.constantFrom("worker", "coordinator", "specialist", "monitor"),
  capabilities: fc.uniqueArray(fc.constantFrom(...CAPABILITIES)),
  price: fc.option(fc.nat(9)),
  available: fc.boolean(),
});
const crowd = fc.array(candidate, { maxLength: 6 }).map((all) => all.map((one, at) => ({ ...one, id: `agent-${at}`, name: `agent-${at}` })));
const toCandidates = (all: readonly Candidate[]): Candidates => {
  const able = (requirements: readonly string[]) => all.filter(({ capabilities }) => requirements.every((key) => capabilities.includes(key)));
  return { able, canCover: (requirements) => able(requirements).length > 0, named: () => [] };
};
const growing = ["hierarchical", "collaborative", "swarm", "race", "escalation"] as const;
/** `planned`: an agent makes the plan. */
const everyPattern = [...growing, "single", "pipeline", "auto", "planned"] as const;
const job = fc.record({
  pattern: fc.constantFrom(...everyPattern),
  requirements: fc.uniqueArray(fc.constantFrom(...CAPABILITIES), { maxLength: 4 }),
  payload: fc.oneof(fc.constant(null), fc.array(fc.nat(9), { maxLength: 8 })),
  agents: fc.option(fc.integer({ min: 1, max: 5 })),
  rounds: fc.option(fc.integer({ min: 0, max: 3 })),
  maxAgents: fc.option(fc.integer({ min: 1, max: 4 })),
  verify: fc.boolean(),
});
type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;
function toInput({ pattern, requirements, payload, agents, rounds, maxAgents, verify }: Job): ParsedTaskInput {
  const knows = (names: readonly string[]) => names.includes(pattern);
  const coordination = {
    ...(agents !== null && knows(["hierarchical", "collaborative", "race", "escalation", "auto"]) ? { agents } : {}),
    ...(rounds !== null && knows(["hierarchical", "collaborative"]) ? { rounds } : {}),
    ...(verify && knows(["race", "escalation"]) ? { verify: {} } : {}),
  };
  const how = pattern === "planned" ? { planning: "agent" } : { pattern, coordination };
  return parse(taskInput, { description: "Do it.", requirements, payload, ...how, constraints: maxAgents === null ? {} : { maxAgents } }, "body");
}
/** What an agent with this part may answer. */
function answerOf(step: PlannedStep, chance: () => number): View["steps"][number]["output"] {
  const some = <T>(make: (at: number) => T): T[] => Array.from({ length: 1 + Math.floor(chance() * 3) }, (_, at) => make(at));
  switch (step.answers) {
    case "split":
      return { subtasks: some((at) => ({ description: `part ${at}`, requirements: [], needs: at > 0 && chance() < 0.5 ? ["part-1"] : [] })) };
    case "review":
      return { accepted: chance() < 0.4, revise: some((at) => ({ id: `work-${at + 1}`, feedback: "again" })) };
    case "critique":
      return { agreement: chance(), ...(chance() < 0.3 ? { revised: "anew" } : {}) };
    case "verdict":
      return { accepted: chance() < 0.5 };
    case "items":
      return { items: some((at) => at) };
    case "plan":
      return { steps: some((at) => ({ description: `step ${at}`, requirements: [], needs: at > 0 ? [`part-${at}`] : [] })) };
    case undefined:
      return `output of ${step.id}`;
  }
}
interface Run {
  steps: (PlannedStep & View["steps"][number])[];
  growths: Growth[];
  /** `failed`: a step that it cannot do without. */
  end: Growth["end"] | "by itself" | "failed" | undefined;
  pattern: string;
}
/** Lets a plan run to its end. */
function run(input: ParsedTaskInput, all: readonly Candidate[], chances: readonly number[]): Run {
  let drawn = 0;
  const chance = (): number => chances[drawn++ % chances.length] ?? 0.5;
  const candidates = toCandidates(all);
  const plan = toPlan(input, candidates);
  let now = 0;
  const steps: Run["steps"] = [];
  const growths: Growth[] = [];
  const add = (planned: readonly PlannedStep[]) => {
    for (const step of planned)
      steps.push({
        ...step,
        part: step.part ?? "work",
        round: step.round ?? 0,
        status: "open",
        output: null,
        failure: null,
        startedAt: null,
        completedAt: null,
        cost: null,
        agent: null,
      });
    expect(graphProblem(steps)).toBeUndefined();
    expect(steps.length).toBeLessThanOrEqual(MAX_STEPS);
  };
  add(plan.steps);
  const run = { steps, growths, pattern: plan.pattern };
  const isOver = (id: string) => !["open", "running"].includes(steps.find((step) => step.id === id)?.status ?? "open");
  for (let turn = 0; turn < 500; turn++) {
    for (const step of steps)
      if (step.status === "open" && step.needs.every(isOver))
        Object.assign(step, { status: "running", startedAt: now, agent: step.preferred ?? all[0]?.id ?? null });
    const running = steps.filter((step) => step.status === "running");
    if (running.length === 0) return { ...run, end: steps.every((step) => step.status !== "open") ? "by itself" : undefined };
    now += 1 + Math.floor(chance() * 1000);
    const step = running[Math.floor(chance() * running.length)] as Run["steps"][number];
    if (chance() < 0.3) Object.assign(step, { status: "failed", failure: "It failed.", completedAt: now });
    else Object.assign(step, { status: "completed", output: answerOf(step, chance), completedAt: now });
    if (step.status === "failed" && step.onFailure === "fail") return { ...run, end: "failed" };
    const view: View = { task: toPlanTask(input), steps, candidates, now };
    const growth = isGrowing(plan.pattern) ? grow(plan.pattern, view) : undefined;
    if (!growth) continue;
    growths.push(growth);
    expect(grow(plan.pattern, { ...view, steps: structuredClone(view.steps) })).toEqual(growth);
    for (const id of growth.cancel) Object.assign(steps.find((one) => one.id === id) ?? {}, { status: "cancelled", completedAt: now });
    if (growth.end) return { ...run, end: growth.end };
    add(growth.add);
  }
  return { ...run, end: undefined };
}
const chances = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 200 });

test("every pattern ends, whoever fails, within its bounds", () => {
  fc.assert(
    fc.property(job, crowd, chances, (given, all, drawn) => {
      const { end, steps, growths, pattern } = run(toInput(given), all, drawn);
      expect(end, `${given.pattern} stands still: ${JSON.stringify(steps.map((step) => [step.id, step.status]))}`).toBeDefined();
      // What makes all of its steps as it goes says itself when it is done.
      if ((growing as readonly string[]).includes(pattern)) expect(end).not.toBe("by itself");
      if (given.pattern === "single") expect(steps.length).toBe(1);
      for (const { add, cancel, end: ended, why } of growths) if (add.length + cancel.length > 0 || ended) expect(why).not.toBe("");
      // A pattern that is chosen takes no rounds of the task's.
      const rounds = (given.pattern === "auto" ? null : given.rounds) ?? 3;
      if (pattern === "hierarchical")
        expect(Math.max(0, ...steps.filter((step) => step.part === "review").map((step) => step.round))).toBeLessThanOrEqual(rounds + 1);
      if (pattern === "collaborative")
        expect(Math.max(0, ...steps.filter((step) => step.part === "critique").map((step) => step.round))).toBeLessThanOrEqual(rounds);
      const tries = steps.filter((step) => step.part === "try" || step.part === "contribute").length;
      if (given.maxAgents !== null && pattern !== "collaborative") expect(tries).toBeLessThanOrEqual(given.maxAgents);
    }),
    { numRuns: 1000 },
  );
});

test("what is produced is used by a step or delivered with the result", () => {
  fc.assert(
    fc.property(job, crowd, chances, (given, all, drawn) => {
      const { end, steps, pattern } = run(toInput(given), all, drawn);
      const ends = steps.filter(({ id }) => steps.every(({ needs }) => !needs.includes(id)));
      // A plan that says no result of its own delivers what its last steps produced.
      const delivered = typeof end === "object" && "result" in end ? end.result : end === "by itself" ? ends.map(({ output }) => output) : undefined;
      if (delivered === undefined) return;
      const result = JSON.stringify(delivered);
      const used = new Set(
        steps.flatMap((step) => [...step.needs, ...steps.filter((one) => JSON.stringify(step.input ?? null).includes(`'${one.id}'`)).map((one) => one.id)]),
      );
      for (const step of steps) {
        if (step.status !== "completed" || used.has(step.id)) continue;
        // A verdict is used by the pattern itself; of those who race, only the first counts, and a straggler's double may win.
        const steers = step.answers !== undefined || step.part === "try" || (step.part === "item" && pattern === "swarm");
        expect(steers || result.includes(JSON.stringify(step.output)), `${pattern}: ${step.id} is for nobody`).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("the same task, agents and answers give the same plan, step by step", () => {
  fc.assert(
    fc.property(job, crowd, chances, (given, all, drawn) => {
      expect(run(toInput(given), all, drawn)).toEqual(run(toInput(given), all, drawn));
    }),
  );
});

test("each stage of a pipeline is fed by the one before, and the last is the result", () => {
  fc.assert(
    fc.property(job, crowd, (given, all) => {
      const { steps } = toPlan(toInput({ ...given, pattern: "pipeline" }), toCandidates(all));
      expect(steps.map(({ needs, input }) => [needs, input])).toEqual(
        steps.map((_, at) => (at === 0 ? [[], undefined] : [[`stage-${at}`], `$.steps['stage-${at}'].output`])),
      );
      expect(steps.map(({ requirements }) => requirements).flat()).toEqual(given.requirements);
    }),
  );
});

test("what is chosen by itself is the plan that pattern gives, and says why it was chosen", () => {
  fc.assert(
    fc.property(job, crowd, (given, all) => {
      const input = toInput({ ...given, pattern: "auto", agents: null });
      const plan = toPlan(input, toCandidates(all));
      const { pattern, why } = choosePattern(toPlanTask(input), input.priority, toCandidates(all));
      const named = toPlan({ ...input, pattern, coordination: undefined }, toCandidates(all));
      expect(plan).toEqual({ ...named, reason: `Chosen because ${why}. ${named.reason}` });
      if (given.maxAgents === 1) expect(pattern).toBe("single");
    }),
  );
});

test("an item that takes many times the median goes to a second agent, and the plan says when to look", () => {
  const input = parse(taskInput, { description: "Go.", pattern: "swarm", payload: [1, 2, 3, 4, 5] }, "body");
  const plan = toPlan(input, toCandidates([]));
  const steps = plan.steps.map((step, at): View["steps"][number] => ({
    ...step,
    part: "item",
    round: 0,
    status: at < 3 ? "completed" : "running",
    agent: `agent-${at}`,
    output: null,
    failure: null,
    startedAt: 0,
    completedAt: at < 3 ? 1000 : null,
    cost: null,
  }));
  const view = (now: number): View => ({ task: toPlanTask(input), steps, candidates: toCandidates([]), now });
  expect(grow("swarm", view(1500))).toMatchObject({ add: [], cancel: [], wakeAt: 3000 });
  expect(grow("swarm", view(3000))?.add.map(({ id, excluded }) => [id, excluded])).toEqual([
    ["item-4-again", ["agent-3"]],
    ["item-5-again", ["agent-4"]],
  ]);
});

test.each([
  ["critical with more than 3 capabilities", { priority: "critical", requirements: ["a", "b", "c", "d"] }, "hierarchical"],
  ["critical with fewer", { priority: "critical", requirements: ["read"] }, "collaborative"],
  ["complex", { description: "Analyze and integrate this complex, advanced, comprehensive thing." }, "hierarchical"],
  ["that speaks of a pipeline", { description: "A pipeline.", requirements: ["read", "write"] }, "pipeline"],
  ["that brings items", { payload: [1, 2, 3] }, "swarm"],
  ["with medium complexity", { requirements: ["read"], description: "Optimize and analyze it." }, "collaborative"],
  ["one agent can do easily", { requirements: ["read"] }, "single"],
  ["for one agent only", { requirements: ["read", "write", "x", "y"], constraints: { maxAgents: 1 } }, "single"],
])("by itself, for a task %s, %s is chosen: %s", (_, more, pattern) => {
  const input = parse(taskInput, { description: "Do it.", ...more }, "body");
  const able = { id: "a", name: "a", role: "worker", capabilities: ["read"], price: null, available: true };
  expect(choosePattern(toPlanTask(input), input.priority, toCandidates([able, { ...able, id: "b", name: "b" }])).pattern).toBe(pattern);
});

test("complexity counts requirements, length, words that promise work, and urgency", () => {
  const task = toPlanTask(parse(taskInput, { description: `Integrate this ${"very ".repeat(50)}advanced thing.`, requirements: ["a"] }, "body"));
  expect(complexityOf(task, "normal")).toBe("medium");
  expect(complexityOf(task, "high")).toBe("high");
  expect(complexityOf({ ...task, description: "Do it." }, "normal")).toBe("low");
});

test("answers are read out of sentences, fenced blocks and wrappers, and refused with what is wrong", () => {
  const anything = () => true;
  const verdict = { ok: true, value: { accepted: true } };
  for (const said of [
    { accepted: true },
    '{"accepted": true}',
    'I think: {"accepted": true}. Bye.',
    '```json\n{"accepted": true}\n```',
    { result: '{"accepted": true}' },
  ])
    expect(checkAnswer("verdict", said, anything)).toEqual(verdict);
  for (const said of ["yes", null, 7, { accepted: "perhaps" }, "{{{", `\`\`\`json${"\n".repeat(500_000)}`])
    expect(checkAnswer("verdict", said, anything)).toMatchObject({ ok: false, problem: expect.stringMatching(/accepted/) });
  expect(checkAnswer("plan", { steps: [{ id: "a", description: "x", needs: ["b"] }] }, anything)).toMatchObject({
    ok: false,
    problem: "a needs b, which is not there.",
  });
  expect(checkAnswer("split", [{ description: "x", requirements: ["flying"] }], (key) => key !== "flying")).toMatchObject({
    ok: false,
    problem: "No agent has the capability flying.",
  });
});
