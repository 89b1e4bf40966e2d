// A model that counts tokens and has prices, under a budget of the day: what it spends is counted, what is too much waits, over a restart too.
import { createClient } from "@baton/client";
import { expect, onTestFinished, test } from "vitest";
import { startBaton } from "@baton/server";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { startJourney } from "./world.fixture.ts";

/** It uses 10 tokens in and 5 out for an answer: 0.4 USD. */
const prices = { input: 20_000, output: 40_000 };
async function addModel(client: ReturnType<typeof createClient>): Promise<void> {
  const model = await startFakeAgent("openai-agent.mjs");
  onTestFinished(() => model.close());
  const connector = { kind: "openai" as const, baseUrl: `http://127.0.0.1:${model.port}/v1`, model: "tiny", prices };
  await client.createAgent({ body: { name: "model", capabilities: ["answering"], connector } });
}

test("what is too much for the day waits, survives a restart, and goes on when the budget is raised", async () => {
  const journey = await startJourney();
  const { client } = journey;
  await addModel(client);
  await client.createBudget({ body: { name: "day", scope: "everything", usd: 1 } });
  const submit = async () => (await client.submitTask({ body: { description: "say something", requirements: ["answering"] } })).id;
  for (let at = 0; at < 2; at++) await journey.until(await submit(), ({ status }) => status === "completed");
  expect(await client.getBudget({ params: { id: "day" } })).toMatchObject({
    used: { usd: 0.8, tokens: 30, attempts: 2 },
    reserved: { usd: 0, attempts: 0 },
    guessed: { usd: 0, tokens: 0 },
  });
  const id = await submit();
  const waiting = await journey.until(id, ({ status }) => status === "waiting");
  expect(waiting.waitingFor).toMatchObject({
    kind: "budget",
    detail: expect.stringMatching(/0.8 USD of 1 USD used.*expected to take 0.4 USD.*begins anew at/),
  });
  expect((await client.listBudgets({ query: {} })).items).toMatchObject([{ name: "day", state: "stopped" }]);

  const { dataDir } = journey;
  await journey.baton.stop();
  const again = await startBaton({ dataDir, port: 0, logLevel: "error", logFile: `${dataDir}/again.log`, pollMs: 100, drainMs: 0 }, {});
  onTestFinished(() => again.stop());
  const other = createClient({ url: again.url });
  expect((await other.getTask({ params: { id } })).waitingFor?.kind).toBe("budget");
  await other.updateBudget({ params: { id: "day" }, body: { usd: 2 } });
  await expect.poll(async () => (await other.getTask({ params: { id } })).status).toBe("completed");
  expect((await other.getBudget({ params: { id: "day" } })).used.usd).toBeCloseTo(1.2);
});

test("a task's own budget ends it, and its page says how it stands", async () => {
  const { client, until } = await startJourney();
  await addModel(client);
  const steps = ["a", "b", "c"].map((id, at, all) => ({ id, needs: all.slice(Math.max(0, at - 1), at), requirements: ["answering"], input: "say" }));
  const { id } = await client.submitTask({ body: { description: "say it", steps, constraints: { budget: { usd: 0.9 } } } });
  const task = await until(id, ({ status }) => status === "failed");
  expect(task.failure).toMatchObject({ kind: "budget", stepId: "c" });
  expect(task.budget).toMatchObject({ used: { usd: 0.8 }, state: "stopped" });
  await client.updateBudget({ params: { id: `task:${id}` }, body: { usd: 5 } });
  await client.retryTask({ params: { id } });
  expect((await until(id, ({ status }) => status === "completed")).budget?.used.usd).toBeCloseTo(1.2);
});

test("a budget is refused that limits nothing, or is of nobody; its name is its own, and its last limit stays", async () => {
  const { client, until } = await startJourney();
  await addModel(client);
  const body = { name: "b", scope: "everything" as const, usd: 1 };
  for (const [wrong, said] of [
    [{ name: "b", scope: "everything" as const }, "at least one limit"],
    [{ ...body, scope: "agent" as const }, "goes with scope agent"],
    [{ ...body, projectId: "p" }, "goes with scope project"],
    [{ ...body, usd: 0 }, ">0"],
    [{ ...body, name: "task:b" }, "task:"],
  ] as const)
    await expect(client.createBudget({ body: wrong })).rejects.toMatchObject({ code: "bad_input", message: expect.stringContaining(said) });
  await client.createBudget({ body });
  await expect(client.createBudget({ body })).rejects.toMatchObject({ code: "name_taken" });
  await expect(client.createBudget({ body: { ...body, name: "c", scope: "agent", agent: "nobody" } })).rejects.toMatchObject({ code: "not_found" });
  await expect(client.updateBudget({ params: { id: "b" }, body: { usd: null } })).rejects.toMatchObject({ code: "bad_input" });
  await client.removeBudget({ params: { id: "b" } });
  await expect(client.getBudget({ params: { id: "b" } })).rejects.toMatchObject({ code: "not_found" });
  // Removed, it stops nothing.
  for (let at = 0; at < 3; at++) {
    const { id } = await client.submitTask({ body: { description: "say something", requirements: ["answering"] } });
    await until(id, ({ status }) => status === "completed");
  }
});
