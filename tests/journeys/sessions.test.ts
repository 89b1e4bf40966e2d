// Conversations through the public client, with agents that keep their own: resumed, refused, and after kill -9.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { fakeAgentPath } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { compileServer, openServer } from "../chaos/cluster.ts";
import { command, startJourney } from "./world.fixture.ts";

const acp = { kind: "acp" as const, command: process.execPath, args: [fakeAgentPath("acp-agent.mjs"), "--load"] };
const homeOf = (dataDir: string): string => join(dataDir, "homes", readdirSync(join(dataDir, "homes"))[0] ?? "");

describe("an agent that keeps its own conversation", () => {
  test("goes on with it, and is told nothing twice", async () => {
    const { client } = await startJourney();
    await client.createAgent({ body: { name: "coder", connector: acp } });
    const { id } = await client.createSession({ body: {} });
    const ask = async (description: string) => client.waitForTask((await client.submitTask({ body: { description, sessionId: id } })).id);
    await ask("remember red");
    const second = await ask("remember blue");
    expect(second.result).toMatch(/^after remember red in /);
    expect(second.steps[0]?.attempts[0]?.assignment.reasons[0]).toBe("It holds the conversation of this session.");
    const { items } = await client.listTurns({ params: { id } });
    expect(items.map(({ role, taskId }) => [role, taskId === second.id])).toEqual([
      ["user", false],
      ["assistant", false],
      ["user", true],
      ["assistant", true],
    ]);
  });

  test("that cannot be loaded any more is told anew what was said, and that is noted", async () => {
    const { client, dataDir } = await startJourney();
    await client.createAgent({ body: { name: "coder", connector: acp } });
    const { id } = await client.createSession({ body: {} });
    const ask = async (description: string) => client.waitForTask((await client.submitTask({ body: { description, sessionId: id } })).id);
    await ask("remember red");
    const store = join(homeOf(dataDir), ".acp-conversations.json");
    expect(existsSync(store)).toBe(true);
    rmSync(store);
    const second = await ask("which colour?");
    // The agent says again what it was told.
    expect(second.result).toMatch(
      /^This goes on with a conversation.*\[The person\]\nremember red\n\n\[You\]\nafter nothing in .*What is asked now:\n\nwhich colour\?$/s,
    );
    const updates = await client.listAttemptUpdates({ params: { id: second.steps[0]?.attempts[0]?.id ?? "" } });
    expect(updates.items.flatMap(({ update }) => (update.kind === "note" ? [update.text] : []))).toEqual([expect.stringContaining("could not be loaded")]);
  });
});

test("what was asked before kill -9 is answered after it, once, and the next agent is told", async () => {
  compileServer();
  const dataDir = mkdtempSync(join(tmpdir(), "baton-sessions-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const environment = { BATON_LEASE_MS: "1000", BATON_POLL_MS: "100" };
  const server = await openServer({ name: "one", dataDir, environment });
  await server.start();
  onTestFinished(() => server.kill());
  const client = createClient({ url: server.url });
  await client.createAgent({ body: { name: "worker", connector: command, maxConcurrentTasks: 10 } });
  const { id } = await client.createSession({ body: {} });
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push((await client.submitTask({ body: { description: `echo ${n}`, sessionId: id, id: `q${n}` } })).id);
  await server.kill();
  await server.start();
  await Promise.all(ids.map((one) => client.waitForTask(one, { signal: AbortSignal.timeout(60_000) })));
  const { items } = await client.listTurns({ params: { id }, query: { limit: 500 } });
  expect(items.map(({ n }) => n)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
  for (const one of ids) expect(items.filter(({ taskId }) => taskId === one).map(({ role }) => role)).toEqual(["user", "assistant"]);
  const context = await client.getContext({ params: { id } });
  expect([context.turns.length, context.omitted]).toEqual([20, 20]);
});
