// Tasks from the door to agents of every kind and back, through the public client.
import { expect, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a plan of steps for agents of three kinds, with references, comes back as one result", async () => {
  const { client, addCommand, addService, dialIn } = await startJourney();
  await addCommand("command");
  await addService("service");
  await dialIn({ name: "dialled", capabilities: ["dialled"], maxConcurrentTasks: 2 }, async (work, { progress }) => {
    progress({ fraction: 0.5, message: "half way" });
    return { got: work.input };
  });
  const { id } = await client.submitTask({
    body: {
      description: "Three hands.",
      payload: { topic: "tides" },
      steps: [
        { id: "first", description: "echo from the command", requirements: ["command"] },
        { id: "second", description: "echo from the service", requirements: ["service"] },
        {
          id: "last",
          requirements: ["dialled"],
          needs: ["first", "second"],
          input: { all: ["$.steps.first.output", "$.steps.second.output"], topic: "$.task.payload.topic" },
        },
      ],
    },
  });
  const types: string[] = [];
  const task = await client.waitForTask(id, { onEvent: (event) => types.push(event.type) });
  expect(task).toMatchObject({ status: "completed", result: { got: { all: ["echo from the command", "echo from the service"], topic: "tides" } } });
  expect(task.steps.map((step) => step.attempts[0]?.assignment.agentName)).toEqual(["command", "service", "dialled"]);
  expect(types[0]).toBe("task.submitted");
  expect(types.at(-1)).toBe("task.completed");
  expect(types.filter((type) => type === "attempt.completed").length).toBe(3);
  const result = await client.getTaskResult({ params: { id } });
  expect(result).toMatchObject({ status: "completed", result: task.result });
});

test("cancel ends the command, what it started, and what hid from it", async () => {
  const { client, addCommand, event, until } = await startJourney();
  await addCommand("command");
  const { id } = await client.submitTask({ body: { description: "family" } });
  const said = await event(({ type, taskId }) => type === "attempt.progressed" && taskId === id);
  const pids = JSON.parse((said.data as { message: string }).message) as number[];
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  await client.cancelTask({ params: { id } });
  const task = await until(id, ({ status, steps }) => status === "cancelled" && steps[0]?.attempts[0]?.endedAt !== null);
  expect(task.steps[0]?.status).toBe("cancelled");
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  await expect.poll(async () => (await client.getAgent({ params: { id: "command" } })).status.load.active).toBe(0);
  await expect(client.pauseTask({ params: { id } })).rejects.toMatchObject({ code: "conflict" });
});

test("a paused task begins nothing more until it is resumed", async () => {
  const { client, dialIn, until } = await startJourney();
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  await dialIn({ name: "slow", capabilities: [] }, async () => held.then(() => "done"));
  const { id } = await client.submitTask({ body: { description: "Two.", steps: [{ id: "a" }, { id: "b", needs: ["a"] }] } });
  await until(id, (task) => task.steps[0]?.status === "running");
  expect((await client.pauseTask({ params: { id } })).status).toBe("paused");
  finish();
  const paused = await until(id, (task) => task.steps[0]?.status === "completed");
  expect([paused.status, paused.steps[1]?.status]).toEqual(["paused", "held"]);
  expect(paused.steps[1]?.attempts).toEqual([]);
  await expect(client.retryTask({ params: { id } })).rejects.toMatchObject({ code: "conflict" });
  await client.resumeTask({ params: { id } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", stepsDone: 2 });
});

test("retry keeps what was done and does the rest again", async () => {
  const { client, dialIn } = await startJourney();
  const calls: string[] = [];
  await dialIn({ name: "moody", capabilities: [] }, async (work) => {
    calls.push(work.stepId);
    if (calls.join() === "a,b") throw new Error("not today");
    return work.stepId;
  });
  const { id } = await client.submitTask({ body: { description: "Two.", steps: [{ id: "a" }, { id: "b", needs: ["a"] }] } });
  const failed = await client.waitForTask(id);
  expect(failed).toMatchObject({ status: "failed", failure: { kind: "agent_error", stepId: "b" } });
  expect(failed.failure?.detail).toContain("not today");
  await client.retryTask({ params: { id } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", failure: null, result: "b" });
  expect(calls).toEqual(["a", "b", "b"]);
});

test("one key is one task, however often and at once it is sent", async () => {
  const { client, addCommand } = await startJourney();
  await addCommand("command");
  const submit = (description: string) => client.submitTask({ body: { description }, idempotencyKey: "key 1" });
  const tasks = await Promise.all(Array.from({ length: 20 }, () => submit("echo once")));
  expect(new Set(tasks.map((task) => task.id)).size).toBe(1);
  await expect(submit("echo twice")).rejects.toMatchObject({ code: "idempotency_mismatch" });
  expect((await client.listTasks()).total).toBe(1);
});

test("a task waits for those it depends on, and is not begun when one of them fails", async () => {
  const { client, addCommand, until } = await startJourney();
  await addCommand("command");
  const submit = async (description: string, dependsOn: string[] = [], more = {}) =>
    (await client.submitTask({ body: { description, dependsOn, ...more } })).id;
  const first = await submit("echo", [], { requirements: ["later"] });
  const second = await submit("echo", [first]);
  const third = await submit("echo", [first, second]);
  const waiting = await until(second, (task) => task.status === "waiting");
  expect(waiting.waitingFor?.kind).toBe("dependency");
  await expect(client.submitTask({ body: { description: "x", dependsOn: ["nobody"] } })).rejects.toMatchObject({
    code: "bad_input",
    issues: [{ path: "body.dependsOn[0]" }],
  });
  await client.updateAgent({ params: { id: "command" }, body: { capabilities: ["later"] } });
  const [one, two, three] = await Promise.all([first, second, third].map((id) => client.waitForTask(id)));
  expect([one?.status, two?.status, three?.status]).toEqual(["completed", "completed", "completed"]);
  expect(Date.parse(three?.startedAt as string)).toBeGreaterThanOrEqual(Date.parse(two?.completedAt as string));

  const failing = await submit("fail");
  const behind = await submit("echo", [failing]);
  await client.waitForTask(failing);
  const left = await until(behind, ({ status }) => status === "waiting" || status === "failed");
  expect(left.steps[0]?.attempts).toEqual([]);
  expect(left.reason).not.toBe("");
});

test("a step that takes too long is tried again as often as it may, then fails as timed out", async () => {
  const { client, addCommand } = await startJourney();
  await addCommand("command");
  const { id } = await client.submitTask({ body: { description: "hang", steps: [{ id: "s", timeoutMs: 150, retries: 0 }] } });
  const task = await client.waitForTask(id);
  expect(task).toMatchObject({ status: "failed", failure: { kind: "timeout", stepId: "s" } });
  expect(task.steps[0]?.attempts.map((attempt) => attempt.state)).toEqual(["failed"]);
});
