// Messages as turns of agents that are talked to, in each of their dialects: told when idle, never while they work or wait for a person.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@baton/client";
import { describe, expect, test } from "vitest";
import { fakeAgentPath } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { tmuxPath } from "../services.ts";
import { startJourney } from "./world.fixture.ts";

type ConnectorInput = Parameters<Client["createAgent"]>[0]["body"]["connector"];
const node = (file: string) => ({ command: process.execPath, args: [fakeAgentPath(file)] });
const permissions = { otherwise: "ask" as const };
const kinds: Record<string, (cwd: string) => ConnectorInput> = {
  acp: (cwd) => ({ kind: "acp", ...node("acp-agent.mjs"), cwd, permissions }),
  claude: (cwd) => ({ kind: "claude", ...node("claude-agent.mjs"), cwd, permissions }),
  terminal: (cwd) => ({ kind: "terminal", ...node("line-agent.mjs"), cwd, ready: "you>" }),
};

async function startTalk(kind: string) {
  const journey = await startJourney();
  const cwd = join(journey.dataDir, "work");
  mkdirSync(cwd);
  const connector = (kinds[kind] as (cwd: string) => ConnectorInput)(cwd);
  const { id } = await journey.client.createAgent({ body: { name: "talker", capabilities: ["talking"], maxConcurrentTasks: 1, connector } });
  const ask = (payload: string) =>
    journey.client.sendMessage({ body: { senderId: "grace", recipientId: "talker", pattern: "request_response", payload, timeoutMs: 60_000 } });
  const answerTo = (message: { id: string }) => journey.client.getResponse({ params: { id: message.id }, query: { waitMs: 20_000 } });
  /** The task that a message is told as, once it is handed in. */
  const turn = () =>
    expect
      .poll(async () => (await journey.client.listTasks({})).items.find(({ type }) => type === "message")?.id, { interval: 50 })
      .toBeDefined()
      .then(async () => (await journey.client.listTasks({})).items.find(({ type }) => type === "message")?.id ?? "");
  const attemptsOf = async (id: string) => (await journey.client.getTask({ params: { id } })).steps.flatMap(({ attempts }) => attempts);
  return { ...journey, id, ask, answerTo, turn, attemptsOf };
}

describe.each(Object.keys(kinds))("an agent behind %s", (kind) => {
  const here = test.skipIf(kind === "terminal" && tmuxPath() === undefined);

  here("is told a message when it is idle, and what it says is the answer", async () => {
    const { id, ask, answerTo } = await startTalk(kind);
    const { state, response } = await answerTo(await ask("How are you, żółw?"));
    expect(state).toBe("answered");
    expect(response).toMatchObject({ senderId: id });
    expect(JSON.stringify(response?.payload)).toContain("How are you, żółw?");
  });
  here("hears nothing while it works, and what was sent meanwhile when it has ended", async () => {
    const { client, ask, answerTo, turn, until, attemptsOf } = await startTalk(kind);
    const busy = await client.submitTask({ body: { description: "hang", requirements: ["talking"] } });
    await until(busy.id, ({ status }) => status === "executing");
    const asked = await ask("Are you there?");
    const told = await turn();
    expect(await attemptsOf(told)).toEqual([]);
    await client.cancelTask({ params: { id: busy.id } });
    expect((await answerTo(asked)).state).toBe("answered");
    const [first] = await attemptsOf(busy.id);
    const [second] = await attemptsOf(told);
    expect(Date.parse(second?.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(first?.endedAt ?? ""));
  });
});

describe.each(["acp", "claude"])("an agent behind %s that waits for a person", (kind) => {
  test("is told nothing until it was decided", async () => {
    const { client, ask, answerTo, turn, until, attemptsOf } = await startTalk(kind);
    const asking = kind === "acp" ? "may edit src/a.ts" : 'may Write {"file_path":"src/a.ts"}';
    const busy = await client.submitTask({ body: { description: asking, requirements: ["talking"] } });
    await until(busy.id, ({ status }) => status === "waiting");
    const asked = await ask("Are you there?");
    const told = await turn();
    expect(await attemptsOf(told)).toEqual([]);
    expect((await client.getResponse({ params: { id: asked.id } })).state).toBe("waiting");
    const [approval] = (await client.listApprovals({ query: { state: "open", taskId: busy.id } })).items;
    await client.decideApproval({ params: { id: approval?.id ?? "" }, body: { decision: "reject" } });
    expect((await answerTo(asked)).state).toBe("answered");
  });
});
