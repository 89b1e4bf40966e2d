// The server dies while the five-stage agent works for it: the next server's attempt goes on at the stage that was reached.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { expect, onTestFinished, test } from "vitest";
import { compileServer, openServer } from "../chaos/cluster.ts";
import { at, stagesOf, startGraphAgent, twoSteps, untilWaiting } from "./graph-agent.fixture.ts";

test("work whose server is killed goes on where it was, and is done once", async () => {
  compileServer();
  const dataDir = mkdtempSync(join(tmpdir(), "baton-crash-"));
  const agent = await startGraphAgent();
  const server = await openServer({ name: "one", dataDir, environment: { BATON_LEASE_MS: "2000", BATON_POLL_MS: "200" } });
  onTestFinished(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await server.start();
  const client = createClient({ url: server.url });
  await client.createAgent({ body: { name: "thinker", connector: { kind: "a2a", url: agent.url } } });
  const description = `${twoSteps} ${at("Analyze", "say", { goal: "x" })} ${at("step 2 of 2", "wait")} ${at("Reflect", "say", { good: true })} ${at("Finalize", "say", "Whole.")}`;
  const { id } = await client.submitTask({ body: { description, requirements: ["reasoning"] } });
  await untilWaiting(agent.model);
  await server.kill();
  await server.start();
  // The second attempt has taken over from the first when the model was asked again.
  await expect.poll(() => stagesOf(agent.model).length).toBe(5);
  await untilWaiting(agent.model);
  expect(await agent.health()).toMatchObject({ active: 1 });
  agent.model.goOn();
  const task = await client.waitForTask(id);
  expect(task).toMatchObject({ status: "completed", result: "Whole." });
  expect(stagesOf(agent.model)).toEqual(["Analyze", "Plan", "Execute", "Execute", "Execute", "Reflect", "Finalize"]);
  const attempts = task.steps[0]?.attempts ?? [];
  expect(attempts).toHaveLength(2);
  const { items } = await client.listAttemptUpdates({ params: { id: attempts.at(-1)?.id ?? "" } });
  expect(JSON.stringify(items)).toContain("Going on with Execute, where an earlier try left it.");
});
