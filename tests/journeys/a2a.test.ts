// Agents that speak A2A, through the public client: registered by address, found by what their card says, followed, answered.
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { startJourney } from "./world.fixture.ts";

async function startAgent(): Promise<string> {
  const fake = await startFakeAgent("a2a-agent.mjs");
  onTestFinished(() => fake.close());
  return `http://127.0.0.1:${fake.port}`;
}
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

test.each(["/new", "/old"])("an agent's skills become what it is asked for, and its work is followed, at %s", async (path) => {
  const { client, until, addCommand } = await startJourney();
  const url = await startAgent();
  await addCommand("somebody-else");
  const agent = await client.createAgent({ body: { name: "reviewer", connector: { kind: "a2a", url: `${url}${path}`, headers: { "x-key": "hush" } } } });
  expect(agent).toMatchObject({
    description: "Does as it is told.",
    capabilities: [{ name: "code_review", technologies: ["typescript", "git"] }, { name: "Review code" }, { name: "translate" }],
    discovered: { name: "Fake", version: "1.2.3" },
    status: { state: "idle", health: "healthy" },
    connector: { kind: "a2a", headers: { "x-key": "********" } },
  });

  const { id } = await client.submitTask({ body: { description: "chunks", requirements: ["code-review"] } });
  const task = await until(id, ({ status }) => status === "completed");
  const [attempt] = task.steps[0]?.attempts ?? [];
  expect(task).toMatchObject({ result: "one two three" });
  expect(attempt).toMatchObject({ agentId: agent.id });
  const { items } = await client.listAttemptUpdates({ params: { id: attempt?.id ?? "" } });
  expect(items.map(({ update }) => (update.kind === "text" ? update.text : "")).join("")).toContain("one two three");
});

test("what an agent needs to know is an approval, and its answer goes back to it", async () => {
  const { client, until } = await startJourney();
  const url = await startAgent();
  await client.createAgent({ body: { name: "painter", connector: { kind: "a2a", url: `${url}/new` } } });
  const { id } = await client.submitTask({ body: { description: "ask", requirements: ["translate"] } });
  await until(id, ({ status, waitingFor }) => status === "waiting" && waitingFor?.kind === "approval");
  const { items } = await client.listApprovals({ query: { state: "open" } });
  expect(items).toMatchObject([{ kind: "input", title: "Which colour?", taskId: id }]);
  await client.decideApproval({ params: { id: items[0]?.id ?? "" }, body: { decision: "approve", comment: "blurple" } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", result: "colour: blurple" });
});

test("an agent may tell when its task has moved, by an address that nobody else knows", async () => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  // Who tells has no key, and needs none.
  const { client } = await startJourney({ port, publicUrl, apiKeys: ["a-key-that-is-long-enough"] });
  const url = await startAgent();
  await client.createAgent({ body: { name: "teller", connector: { kind: "a2a", url: `${url}/push`, push: true } } });
  const startedAt = performance.now();
  const { id } = await client.submitTask({ body: { description: "later", requirements: ["code_review"] } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", result: "later" });
  // It would have been looked for after 30 s.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  const guess = await fetch(`${publicUrl}/api/v1/a2a/push/somebody~else`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  expect(guess.status).toBe(404);
});

test("an agent that does not say what it can do is not registered, unless its registration says it", async () => {
  const { client } = await startJourney();
  const url = await startAgent();
  const body = { name: "silent", connector: { kind: "a2a" as const, url: `${url}/nowhere` } };
  await expect(client.createAgent({ body })).rejects.toMatchObject({ code: "conflict" });
  expect(await client.createAgent({ body: { ...body, capabilities: ["waiting"] } })).toMatchObject({ name: "silent", discovered: null });
});
