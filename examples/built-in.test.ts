// The agent every Baton has: it works on what asks for it, as many pieces at once as it was scaled to.
import { expect, test } from "vitest";
import { registerBackgroundProcessor } from "./samples.mjs";
import { startJourney } from "../tests/journeys/world.fixture.ts";

test("it is scaled, keeps that over a restart, and works on no more at once", async () => {
  const { client, url, until } = await startJourney();
  const { id } = await registerBackgroundProcessor({ url });
  expect(await client.actOnAgent({ params: { id: "background-processor" }, body: { action: "scale", instances: 1 } })).toMatchObject({
    id,
    maxConcurrentTasks: 1,
  });
  expect(await registerBackgroundProcessor({ url })).toMatchObject({ id, maxConcurrentTasks: 1 });

  const step = (name: string, input: object) => ({ id: name, requirements: ["background_processing"], input: input as never });
  const steps = [step("one", { operation: "wait", ms: 60_000 }), step("two", { operation: "merge", values: [[1], [2]] })];
  const task = await client.submitTask({ body: { description: "Chores.", steps } });
  const running = await until(task.id, ({ steps }) => steps.some(({ status }) => status === "running"));
  expect(running.steps.map(({ status }) => status).sort()).toEqual(["ready", "running"]);
  await client.actOnAgent({ params: { id }, body: { action: "scale", instances: 3 } });
  const after = await until(task.id, ({ steps }) => steps.some(({ status }) => status === "completed"));
  expect(after.steps.find(({ id }) => id === "two")).toMatchObject({ status: "completed", output: [1, 2] });
  await client.cancelTask({ params: { id: task.id } });
  await until(task.id, ({ status }) => status === "cancelled");
});

test("work that asks for nothing is not its work", async () => {
  const { client, url, until } = await startJourney();
  await registerBackgroundProcessor({ url });
  const { id } = await client.submitTask({ body: { description: "Mend the bug." } });
  await until(id, ({ status, waitingFor }) => status === "waiting" && waitingFor?.kind === "agent");
});

test("scaling says what it takes", async () => {
  const { client, addCommand } = await startJourney();
  const params = { id: await addCommand("worker") };
  await expect(client.actOnAgent({ params, body: { action: "scale" } })).rejects.toMatchObject({
    code: "bad_input",
    message: expect.stringContaining("body.instances: is missing"),
  });
  await expect(client.actOnAgent({ params, body: { action: "scale", instances: 0 } })).rejects.toMatchObject({ code: "bad_input" });
  await expect(client.actOnAgent({ params, body: { action: "pause", instances: 1 } })).rejects.toMatchObject({
    message: expect.stringContaining("is for scale, not for pause"),
  });
  await expect(client.actOnAgent({ params: { id: "nobody" }, body: { action: "scale", instances: 1 } })).rejects.toMatchObject({ code: "not_found" });
});
