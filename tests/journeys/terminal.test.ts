// An agent that lives in a terminal, through the public client: it works, is looked at, typed into, stopped and started.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tmuxPath } from "../services.ts";
import { startJourney } from "./world.fixture.ts";

const lineAgent = fileURLToPath(new URL("../fake-agents/line-agent.mjs", import.meta.url));
const connector = { kind: "terminal" as const, command: process.execPath, args: [lineAgent], ready: "you>" };
const hasTmux = tmuxPath() !== undefined;

test.skipIf(!hasTmux)("a task is typed into a terminal, and what was said there is its result", async () => {
  const { client } = await startJourney();
  await client.createAgent({ body: { name: "typist", capabilities: ["typing"], connector } });
  const task = await client.submitTask({ body: { description: "echo hello there", requirements: ["typing"] } });
  expect(await client.waitForTask(task.id)).toMatchObject({ status: "completed", result: "echo hello there" });
  const { isRunning, lines, attachCommand } = await client.getTerminal({ params: { id: "typist" } });
  expect(isRunning).toBe(true);
  expect(lines).toContain("echo hello there");
  expect(attachCommand).toMatch(/^tmux -S .* attach -t =agent-/);
});

test.skipIf(!hasTmux)("what is stopped gets no work until it is started again", async () => {
  const { client, until } = await startJourney();
  await client.createAgent({ body: { name: "typist", connector } });
  const params = { id: "typist" };
  await client.actOnAgent({ params, body: { action: "start" } });
  await client.typeInTerminal({ params, body: { text: "echo by hand", keys: ["Enter"] } });
  await expect.poll(async () => (await client.getTerminal({ params })).lines).toContain("echo by hand");
  const stopped = await client.actOnAgent({ params, body: { action: "stop" } });
  expect(stopped.status).toMatchObject({ state: "paused", lifecycle: "stopped", reason: "Somebody stopped it; start it to give it work." });
  expect((await client.getTerminal({ params })).isRunning).toBe(false);
  const task = await client.submitTask({ body: { description: "echo later" } });
  expect((await until(task.id, ({ status }) => status === "waiting")).waitingFor?.detail).toContain("Somebody stopped it");
  await client.actOnAgent({ params, body: { action: "start" } });
  expect(await client.waitForTask(task.id)).toMatchObject({ status: "completed", result: "echo later" });
});

test("an agent that lives elsewhere is not started or stopped, and has no terminal", async () => {
  const { client, addCommand } = await startJourney();
  await addCommand("plain");
  const params = { id: "plain" };
  await expect(client.actOnAgent({ params, body: { action: "stop" } })).rejects.toMatchObject({ code: "conflict" });
  await expect(client.getTerminal({ params })).rejects.toMatchObject({ code: "conflict" });
  expect((await client.getAgent({ params })).status.state).toBe("idle");
});

test("an agent that is a program here is restarted: what it works on goes back without losing a try, and is done anew", async () => {
  const { client, addCommand, addService, until, url } = await startJourney();
  const id = await addCommand("worker");
  const task = await client.submitTask({ body: { steps: [{ id: "only", description: "hang", agent: "worker", retries: 0 }], description: "Hang." } });
  await until(task.id, ({ steps }) => steps[0]?.attempts[0]?.endedAt === null);
  // As older clients say it.
  const answer = await fetch(`${url}/agents/worker/control`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ action: "restart" }),
  });
  expect([answer.status, ((await answer.json()) as { id: string }).id]).toEqual([200, id]);
  const { steps } = await until(task.id, (now) => now.steps[0]?.attempts.length === 2);
  expect(steps[0]?.attempts[0]?.outcome).toMatchObject({ ok: false, detail: "Its agent was restarted; another attempt follows." });
  expect(steps[0]?.attempts[1]?.endedAt).toBeNull();
  await client.cancelTask({ params: { id: task.id } });
  const service = await addService("elsewhere");
  const restart = client.actOnAgent({ params: { id: service.id }, body: { action: "restart" } });
  await expect(restart).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("restarted where it runs") });
});
