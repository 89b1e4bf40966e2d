// A journey per pattern, through the public client, with agents of three kinds: some do their part, one fails, one never answers.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Task, taskInput, type TaskInput } from "@baton/contract";
import { expect, test } from "vitest";
import { parseInput } from "../../packages/cli/src/input-file.ts";
import { type Journey, startJourney } from "./world.fixture.ts";

const teamAgent = fileURLToPath(new URL("../fake-agents/team-agent.mjs", import.meta.url));
const nature = (name: string) => ({ connector: { kind: "process" as const, command: process.execPath, args: [teamAgent, name] } });
const ENDED = ["completed", "failed", "cancelled"];

/** A leader and a helper by command, a service by HTTP, one that dialled in; and two that do not do their part. */
async function openTeam(): Promise<Journey> {
  const journey = await startJourney();
  await journey.addCommand("leader", { ...nature("good"), capabilities: ["lead", "planning", "judge"], role: "coordinator" });
  await journey.addCommand("helper", { ...nature("good"), capabilities: ["helping", "work"], metadata: { price: 5 } });
  await journey.addService("service", { capabilities: ["serving", "work"], metadata: { price: 9 } });
  await journey.dialIn({ name: "dialled", capabilities: ["dialling", "work"], maxConcurrentTasks: 5 }, async (work) =>
    (work.input as { type?: string } | null)?.type === "critique" ? { agreement: 0.9 } : `dialled: ${work.description}`,
  );
  await journey.addCommand("broken", { ...nature("broken"), capabilities: ["breaking", "work"], metadata: { price: 1 } });
  await journey.addCommand("stuck", { ...nature("stuck"), capabilities: ["sticking", "work"], metadata: { price: 2 } });
  return journey;
}
async function carryOut({ client, until }: Journey, body: TaskInput): Promise<Task> {
  const { id } = await client.submitTask({ body });
  return until(id, ({ status }) => ENDED.includes(status));
}
const partsOf = (task: Task, part: string) => task.coordination?.participants.filter((one) => one.part === part) ?? [];
const quick = { timeoutMs: 1500, retries: 0 };
/** What runs of it is told to stop, and its agents are free again. */
async function expectNothingLeft({ client }: Journey, id: string): Promise<void> {
  await expect
    .poll(async () => (await client.getTask({ params: { id } })).steps.flatMap((step) => step.attempts).filter((one) => one.endedAt === null).length)
    .toBe(0);
  await expect.poll(async () => (await client.listAgents({})).items.every((agent) => agent.status.load.active === 0)).toBe(true);
}

test("single: what its agent says went wrong ends it; one that hangs is stopped after its time", async () => {
  const team = await openTeam();
  const failed = await carryOut(team, { description: "echo it", pattern: "single", requirements: ["breaking"] });
  expect(failed.failure).toEqual({ kind: "agent_error", detail: "I cannot do that", stepId: "main" });
  const late = await carryOut(team, { description: "echo it", pattern: "single", requirements: ["sticking"], coordination: quick });
  expect([late.failure?.kind, late.steps[0]?.attempts.length]).toEqual(["timeout", 1]);
  const good = await carryOut(team, { description: "echo it", pattern: "single", requirements: ["serving"] });
  expect([good.status, good.result]).toEqual(["completed", "echo it"]);
  await expectNothingLeft(team, late.id);
});

test("hierarchical: a coordinator splits, workers of every kind do the parts, and what failed is told to whoever combines", async () => {
  const team = await openTeam();
  const task = await carryOut(team, { description: "echo a book", pattern: "hierarchical", coordination: { ...quick, agents: 6 } });
  expect(task.status).toBe("completed");
  const { combined } = task.result as { combined: Record<string, { status: string }> };
  expect(
    Object.values(combined)
      .map(({ status }) => status)
      .sort(),
  ).toEqual(["done", "done", "done", "failed", "failed"]);
  expect(partsOf(task, "split")[0]).toMatchObject({ agentName: "leader", role: "coordinator" });
  expect(partsOf(task, "combine")[0]).toMatchObject({ agentName: "leader", role: "coordinator", status: "completed" });
  expect(new Set(partsOf(task, "work").map(({ agentName }) => agentName))).toEqual(new Set(["helper", "service", "dialled", "broken", "stuck"]));
  expect(task.coordination?.growth.map(({ added }) => added.length)).toEqual([5, 1, 1, 0]);
  await expectNothingLeft(team, task.id);
});

test("collaborative: those who contributed criticise each other, and one merges", async () => {
  const team = await openTeam();
  const task = await carryOut(team, { description: "echo an essay", requirements: ["work"], pattern: "collaborative", coordination: { ...quick, agents: 5 } });
  expect(task.status).toBe("completed");
  const contributed = partsOf(task, "contribute");
  expect(contributed.map(({ status }) => status).sort()).toEqual(["completed", "completed", "completed", "failed", "failed"]);
  expect(task.result).toMatchObject({ agreed: true, rounds: 1, dissent: [] });
  expect(partsOf(task, "synthesise")[0]).toMatchObject({ role: "coordinator", status: "completed" });
  await expectNothingLeft(team, task.id);
});

test.each([
  ["fails", "stuck"],
  ["hangs", "broken"],
])("swarm: items go to whoever is free; what one %s at goes to another", async (_how, away) => {
  const team = await openTeam();
  await team.client.actOnAgent({ params: { id: away }, body: { action: "pause" } });
  const task = await carryOut(team, {
    description: "echo an item",
    requirements: ["work"],
    pattern: "swarm",
    payload: [1, 2, 3, 4, 5, 6, 7, 8],
    coordination: { timeoutMs: 5000, retries: 0 },
  });
  expect(task.failure).toBeNull();
  expect(task.result).toMatchObject({ total: 8, done: 8 });
  expect(task.steps.filter((step) => step.id.endsWith("-again")).length).toBeGreaterThan(0);
  await expectNothingLeft(team, task.id);
});

test("race: the first that is done wins, and who never answers is told to stop", async () => {
  const team = await openTeam();
  const task = await carryOut(team, { description: "echo fast", requirements: ["work"], pattern: "race", coordination: { agents: 5 } });
  expect(task.status).toBe("completed");
  expect(task.result).toMatch(/echo fast$/);
  expect(partsOf(task, "try").find(({ agentName }) => agentName === "stuck")?.status).toBe("cancelled");
  await expectNothingLeft(team, task.id);
});

test("escalation: from the cheapest on, each verified, until one passes", async () => {
  const team = await openTeam();
  const coordination = { ...quick, agents: 5, verify: { requirements: ["judge"] } };
  const task = await carryOut(team, { description: "echo well", requirements: ["work"], pattern: "escalation", coordination });
  expect(partsOf(task, "try").map(({ agentName, status }) => [agentName, status])).toEqual([
    ["broken", "failed"],
    ["stuck", "failed"],
    ["helper", "completed"],
  ]);
  expect([task.status, task.result, partsOf(task, "verify").map(({ agentName }) => agentName)]).toEqual([
    "completed",
    "good: echo well\n\nAn earlier try did not pass: It was not done after 1500 ms.",
    ["leader"],
  ]);
  await expectNothingLeft(team, task.id);
});

test("pipeline: each stage is fed by the one before; it stops where one fails or hangs", async () => {
  const team = await openTeam();
  const stages = (last: string) => [
    { id: "serve", description: "echo one", requirements: ["serving"], outputSchema: { type: "string", const: "echo one" } },
    { id: "dial", description: "two", requirements: ["dialling"], input: { text: "$.steps.serve.output" } },
    { id: "last", description: "three", requirements: [last] },
    { id: "never", requirements: ["helping"] },
  ];
  const good = await carryOut(team, { description: "Go.", pattern: "pipeline", coordination: quick, steps: stages("helping").slice(0, 3) });
  expect([good.status, good.result]).toEqual(["completed", "good: three"]);
  expect(good.steps[1]?.output).toBe("dialled: two");
  for (const [last, kind] of [
    ["breaking", "agent_error"],
    ["sticking", "timeout"],
  ] as const) {
    const bad = await carryOut(team, { description: "Go.", pattern: "pipeline", coordination: quick, steps: stages(last) });
    expect([bad.failure?.kind, bad.failure?.stepId, bad.steps.at(-1)?.status]).toEqual([kind, "last", "skipped"]);
  }
});

test("planned by an agent: its steps are carried out; an agent that does not plan is asked twice, and told of", async () => {
  // Whoever is free may take its steps: nobody is there who would not do them.
  const team = await startJourney();
  await team.addCommand("leader", { ...nature("good"), capabilities: ["planning"] });
  await team.addService("service", { capabilities: ["serving"] });
  const good = await carryOut(team, { description: "Go.", planning: "leader", requirements: [] });
  expect([good.status, good.steps.map((step) => step.id)]).toEqual(["completed", ["plan", "first", "second"]]);
  await team.addCommand("vague", nature("vague"));
  const fallen = await carryOut(team, { description: "echo it", planning: "vague", requirements: ["serving"] });
  expect([fallen.status, fallen.result, fallen.steps[0]?.attempts.length]).toEqual(["completed", "echo it", 2]);
  expect(fallen.coordination?.growth[0]?.why).toMatch(/could not be used.*requirements give the plan/);
});

test.each(["single", "pipeline", "hierarchical", "collaborative", "swarm", "race", "escalation"] as const)(
  "%s: cancelled, whoever works on it is told to stop",
  async (pattern) => {
    const team = await startJourney();
    await team.addCommand("stuck", { ...nature("stuck"), role: "coordinator" });
    await team.addCommand("stuck-too", nature("stuck"));
    const { id } = await team.client.submitTask({ body: { description: "Go.", pattern, payload: [1, 2] } });
    await team.until(id, (task) => task.steps.some((step) => step.status === "running"));
    const task = await team.client.cancelTask({ params: { id } });
    expect(task.steps.every((step) => step.status === "cancelled")).toBe(true);
    await expectNothingLeft(team, id);
  },
);

test("a preview shows the pattern that would be chosen, its first steps, and who would do them", async () => {
  const { client } = await openTeam();
  const preview = await client.previewTask({
    body: { description: "Analyze and optimize a complex, comprehensive thing.", pattern: "auto", requirements: ["work"] },
  });
  expect(preview).toMatchObject({
    pattern: "hierarchical",
    reason: expect.stringMatching(/^Chosen because it is complex\./),
    steps: [{ id: "split", assignment: { agentName: "leader" } }],
  });
});

test("every example of a task is one that would be carried out, by the pattern it is called after", async () => {
  const { client } = await openTeam();
  const folder = fileURLToPath(new URL("../../examples/tasks/", import.meta.url));
  const found: Record<string, string> = {};
  for (const file of readdirSync(folder))
    found[file] = (await client.previewTask({ body: parseInput(file, readFileSync(folder + file, "utf8"), taskInput) })).pattern;
  expect(found).toEqual({
    "approved.yaml": "steps",
    "automatic.yaml": "hierarchical",
    "collaborative.yaml": "collaborative",
    "escalation.yaml": "escalation",
    "hierarchical.yaml": "hierarchical",
    "pipeline.yaml": "pipeline",
    "plan-from-library.yaml": "steps",
    "planned.yaml": "planned",
    "race.yaml": "race",
    "repository-review.yaml": "steps",
    "single.yaml": "single",
    "swarm.yaml": "swarm",
  });
});
