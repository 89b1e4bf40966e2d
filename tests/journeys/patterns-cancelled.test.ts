// Every pattern, cancelled in the middle, with a command, a service and an agent that dialled in, all of which hang: each is told to stop, nothing more
// begins, and everybody is free again.
import { fileURLToPath } from "node:url";
import type { Json, Task, TaskInput } from "@baton/contract";
import { expect, test } from "vitest";
import { type Journey, startJourney } from "./world.fixture.ts";

const teamAgent = fileURLToPath(new URL("../fake-agents/team-agent.mjs", import.meta.url));
const KINDS = ["sticking", "serving", "dialling"];

interface Team extends Journey {
  /** Calls that the service works on. */
  open(): Promise<number>;
  /** Work that the agent that dialled in was told to stop. */
  readonly stopped: string[];
}
/** They hang when the description begins with that word, but for the command, which always does. A leader that answers at once splits in three. */
async function openTeam(): Promise<Team> {
  const journey = await startJourney();
  const program = (nature: string) => ({ connector: { kind: "process" as const, command: process.execPath, args: [teamAgent, nature] } });
  await journey.addCommand("broken", { ...program("broken"), capabilities: ["work"], metadata: { price: 1 } });
  await journey.addCommand("stuck", { ...program("stuck"), capabilities: ["sticking", "work", "any"], metadata: { price: 2 } });
  const service = await journey.addService("service", { capabilities: ["serving", "work", "any"], metadata: { price: 3 } });
  const stopped: string[] = [];
  await journey.dialIn({ name: "dialled", capabilities: ["dialling", "work", "any"], maxConcurrentTasks: 5 }, (work, { signal }): Json | Promise<Json> =>
    work.description.startsWith("hang")
      ? new Promise<Json>((resolve) =>
          signal.addEventListener("abort", () => {
            stopped.push(work.stepId);
            resolve(null);
          }),
        )
      : "done",
  );
  await journey.dialIn(
    { name: "leader", capabilities: ["coordination"], maxConcurrentTasks: 5 },
    (): Json => ({
      subtasks: KINDS.map((kind) => ({ description: "hang on a part", requirements: [kind] })),
    }),
  );
  return { ...journey, stopped, open: async () => ((await (await fetch(`${service.url}/open`)).json()) as { open: number }).open };
}
const running = (task: Task): string[] =>
  task.steps.flatMap((step) => step.attempts.filter((one) => one.endedAt === null).map((one) => one.assignment.agentName));
const everybody = ["dialled", "service", "stuck"];

/** Each with who has to be at work when it is cancelled. */
const tasks: [string, TaskInput, readonly string[]][] = [
  ["single, with a command", { description: "hang", pattern: "single", requirements: ["sticking"] }, ["stuck"]],
  ["single, with a service", { description: "hang", pattern: "single", requirements: ["serving"] }, ["service"]],
  ["single, with one that dialled in", { description: "hang", pattern: "single", requirements: ["dialling"] }, ["dialled"]],
  [
    "pipeline",
    {
      description: "Go.",
      pattern: "pipeline",
      steps: [
        { id: "first", description: "echo", requirements: ["serving"] },
        { id: "second", description: "hang", requirements: ["dialling"] },
        { id: "third", requirements: ["sticking"] },
      ],
    },
    ["dialled"],
  ],
  ["hierarchical", { description: "A book.", pattern: "hierarchical" }, everybody],
  ["collaborative", { description: "hang", pattern: "collaborative", requirements: ["any"], coordination: { agents: 3 } }, everybody],
  ["swarm", { description: "hang", pattern: "swarm", requirements: ["any"], payload: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }, everybody],
  ["race", { description: "hang", pattern: "race", requirements: ["any"], coordination: { agents: 3 } }, everybody],
  ["escalation", { description: "hang", pattern: "escalation", requirements: ["work"], coordination: { agents: 3, retries: 0 } }, ["stuck"]],
];

test.each(tasks)("%s: cancelled in the middle, whoever works on it is told to stop and nothing more begins", async (_, body, workers) => {
  const team = await openTeam();
  const { id } = await team.client.submitTask({ body });
  const get = () => team.client.getTask({ params: { id } });
  await expect.poll(async () => [...new Set(running(await get()))].sort()).toEqual([...workers]);
  // They have been called, not only chosen.
  if (workers.includes("service")) await expect.poll(() => team.open()).toBeGreaterThan(0);
  const cancelled = await team.client.cancelTask({ params: { id } });
  const atOnce = cancelled.steps.flatMap(({ attempts }) => attempts).length;
  expect([cancelled.status, cancelled.steps.filter(({ status }) => !["completed", "failed", "cancelled"].includes(status))]).toEqual(["cancelled", []]);
  await expect.poll(async () => running(await get())).toEqual([]);
  await expect.poll(() => team.open()).toBe(0);
  if (workers.includes("dialled")) await expect.poll(() => team.stopped.length).toBeGreaterThan(0);
  await expect.poll(async () => (await team.client.listAgents({})).items.filter(({ status }) => status.load.active > 0).length).toBe(0);
  const task = await get();
  expect([task.status, task.steps.flatMap(({ attempts }) => attempts).length]).toEqual(["cancelled", atOnce]);
  const { items } = await team.client.listTaskEvents({ params: { id }, query: { limit: 500 } });
  expect(items.filter(({ type }) => type === "task.cancelled").length).toBe(1);
  expect(items.filter(({ type }) => ["task.completed", "task.failed"].includes(type))).toEqual([]);
});
