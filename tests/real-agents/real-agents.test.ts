// Real coding agents, started by a real server, in a real git repository; only the model is scripted. `npm run test:agents` runs them all.
import type { Permissions } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOKENS } from "../model-server/wire.ts";
import { isChosen } from "./pinned.ts";
import { type RealAgent, realAgents } from "./real-agent.ts";
import { type Capability, keepSeen, type Sight } from "./seen.ts";
import { type Backstage, changesIn, openBackstage, openStage, processesOf, type Stage } from "./stage.fixture.ts";

const ALL: Permissions = { rules: [], otherwise: "allow", askTimeoutMs: 60_000 };
const LIMIT_MS = 240_000;

const chosen = realAgents.filter(({ name }) => isChosen(name));

test.skipIf(chosen.length === 0)("npm run test:agents installs real agents and drives them; npm test does with BATON_TEST_AGENTS=1", () => {
  expect(chosen).not.toEqual([]);
});

describe.each(chosen)("$title", { timeout: LIMIT_MS }, (agent: RealAgent) => {
  let backstage: Backstage;
  beforeAll(async () => {
    backstage = await openBackstage(agent);
  });
  afterAll(() => backstage?.close());

  /** A test whose outcome is a cell of the matrix: what it answers, or why it failed. */
  const shows = (capability: Capability, sentence: string, look: (stage: Stage) => Promise<Sight>): void =>
    test(sentence, async () => {
      const keep = (sight: Sight): void => keepSeen(agent, capability, sight);
      try {
        keep(await look(await openStage(agent, backstage)));
      } catch (error) {
        keep({ state: "failed", detail: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) });
        throw error;
      }
    });

  shows("edit", "edits a file in a git repository, says so, and tells what it used", async ({ register, carryOut, repository, file }) => {
    await register(ALL);
    const before = backstage.server.calls.length;
    const { task, attempt, updates } = await carryOut(`[[write ${file("notes.txt").path} from the agent]] [[say It is written.]]`);
    expect(task).toMatchObject({ status: "completed" });
    expect(JSON.stringify(task.result)).toContain("It is written.");
    expect(file("notes.txt").read()).toBe("from the agent\n");
    expect(changesIn(repository)).toEqual(["?? notes.txt"]);
    expect(updates).toContainEqual(expect.objectContaining({ kind: "tool", status: "completed" }));
    keepSeen(agent, "usage", judgeUsage(agent, attempt.outcome?.usage, backstage.server.calls.slice(before).filter(({ reply }) => reply !== "json").length));
    keepSeen(agent, "cost", judgeCost(agent, attempt.outcome?.cost));
    expect(processesOf(attempt.id)).toEqual([]);
    return { state: "yes", detail: `in ${((attempt.durationMs ?? 0) / 1000).toFixed(1)} s` };
  });

  shows("denied by rule", "does not do what its registration's rules deny", async ({ register, carryOut, file }) => {
    await register({ ...ALL, otherwise: "deny" });
    const { task, updates } = await carryOut(`[[write ${file("notes.txt").path} from the agent]]`);
    expect(file("notes.txt").read()).toBeUndefined();
    expect(updates).toContainEqual({ kind: "note", text: expect.stringMatching(/^Denied: /) as string });
    return { state: "yes", detail: `the turn ended as ${task.status}` };
  });

  shows("asked", "asks a person twice: does what is approved, and not what is rejected", async ({ register, submit, client, file }) => {
    await register({ ...ALL, otherwise: "ask" });
    const taskId = await submit([{ id: "work", description: `[[write ${file("a.txt").path} one]] [[write ${file("b.txt").path} two]]` }]);
    for (const decision of ["approve", "reject"] as const) {
      const open = async () => (await client.listApprovals({ query: { taskId, state: "open" } })).items;
      await expect.poll(open, { interval: 50 }).toHaveLength(1);
      const [approval] = await open();
      expect(approval).toMatchObject({ kind: "permission", taskId });
      await client.decideApproval({ params: { id: approval?.id ?? "" }, body: { decision } });
    }
    const task = await client.waitForTask(taskId);
    expect([file("a.txt").read(), file("b.txt").read()]).toEqual(["one\n", undefined]);
    return { state: "yes", detail: `the turn ended as ${task.status}` };
  });

  shows("cancel", "is cancelled in the middle of an answer, and leaves no process", async ({ register, submit, client, until }) => {
    await register(ALL);
    const id = await submit([{ id: "work", description: "[[hang]]" }]);
    await expect.poll(() => backstage.server.hanging(), { interval: 50 }).toBeGreaterThan(0);
    const began = performance.now();
    await client.cancelTask({ params: { id } });
    const task = await until(id, ({ steps }) => steps[0]?.attempts[0]?.endedAt !== null);
    const tookMs = performance.now() - began;
    expect(task.steps[0]?.attempts[0]?.outcome).toMatchObject({ ok: false, kind: "cancelled" });
    expect(tookMs).toBeLessThan(5000);
    expect(processesOf(task.steps[0]?.attempts[0]?.id ?? "")).toEqual([]);
    await expect.poll(() => backstage.server.hanging()).toBe(0);
    const livesOn = agent.connector(ALL).kind === "terminal" && (await client.getTerminal({ params: { id: agent.name } })).isRunning;
    return { state: "yes", detail: `in ${(tookMs / 1000).toFixed(1)} s, ${livesOn ? "broken off by its keys, and still there" : "no process left"}` };
  });

  shows("resume", "goes on with the conversation of an earlier step", async ({ register, submit, client }) => {
    await register(ALL);
    const id = await submit([
      { id: "tell", description: "[[remember heron]]" },
      { id: "ask", description: "[[recall]]", needs: ["tell"], continues: "tell" },
    ]);
    const task = await client.waitForTask(id);
    expect(task.status).toBe("completed");
    const answer = JSON.stringify(task.steps[1]?.output);
    if (agent.cannotResume === undefined) {
      expect(answer).toContain("I was told heron.");
      return { state: "yes", detail: "the second step knew what the first was told" };
    }
    // It begins anew instead: no conversation was kept to go on with.
    expect(task.steps[0]?.attempts[0]?.outcome?.conversation).toBeUndefined();
    expect(answer).toContain("I was told nothing.");
    return { state: "no", detail: agent.cannotResume };
  });

  shows("failure", "tells of a model that refuses as a failure", async ({ register, carryOut }) => {
    await register(ALL);
    const { attempt } = await carryOut("[[fail 400]]");
    expect(attempt.outcome).toMatchObject({ ok: false, kind: "agent_error" });
    return { state: "yes", detail: attempt.outcome?.ok === false ? attempt.outcome.detail.slice(0, 100) : "" };
  });

  shows("coordinates", "coordinates a task: splits it, does its part, reviews and combines what others did", async (stage) => {
    const { register, addCommand, client, repository, file } = stage;
    await register(ALL, { capabilities: ["leading", "writing"], role: "coordinator" });
    await addCommand("counter", { capabilities: ["counting"] });
    const parts = { notes: { description: "Take the notes.", requirements: ["writing"] }, count: { description: "Count them.", requirements: ["counting"] } };
    const subtasks = Object.entries(parts).map(([id, part]) => ({ id, ...part }));
    const script = {
      "Split the task": `say ${JSON.stringify({ subtasks })}`,
      "Take the notes": `write ${file("notes.txt").path} from the leader`,
      Review: 'say {"accepted": true}',
      "Combine what": "say The notes are taken and counted.",
    };
    const description = Object.entries(script).map(([words, then]) => `[[when ${words}: ${then}]]`);
    const { id } = await client.submitTask({
      body: { description: `Take notes, and count them. ${description.join(" ")}`, pattern: "hierarchical", repository },
    });
    const task = await client.waitForTask(id);
    expect(task).toMatchObject({ status: "completed" });
    expect(JSON.stringify(task.result)).toContain("The notes are taken and counted.");
    expect(file("notes.txt").read()).toBe("from the leader\n");
    const doers = task.steps.map((step) => [step.id, step.attempts.at(-1)?.assignment.agentName]);
    expect(doers).toEqual([
      ["split", agent.name],
      ["work-1", agent.name],
      ["work-2", "counter"],
      ["review-1", agent.name],
      ["combine", agent.name],
    ]);
    return { state: "yes", detail: `${task.steps.length} steps with an agent of another kind` };
  });

  test("reaches for nothing outside but what is known of it", () => {
    const outside = [...backstage.server.outside].map((host) => host.replace(/:443$/, "")).sort();
    if (agent.ignoresNoProxy) return keepSeen(agent, "outside", { state: "unknown", detail: "not looked at: it ignores NO_PROXY" });
    keepSeen(agent, "outside", { state: outside.length === 0 ? "yes" : "partly", detail: outside.join(", ") || "nothing" });
    expect(outside.filter((host) => !(agent.reachesFor ?? []).includes(host))).toEqual([]);
  });
});

/** Unknown is told as unknown; what is told must be right, as every answer of the model used the same. */
function judgeUsage({ hidesUsage }: RealAgent, used: { inputTokens: number | null; outputTokens: number | null } | undefined, calls: number): Sight {
  if (hidesUsage !== undefined) {
    expect(used?.inputTokens ?? null).toBeNull();
    return { state: "unknown", detail: hidesUsage };
  }
  expect(used).toEqual({ inputTokens: TOKENS.input * calls, outputTokens: TOKENS.output * calls });
  return { state: "yes", detail: `exact, over ${calls} calls` };
}
function judgeCost({ cost: expected }: RealAgent, cost: { amount: number; currency: string } | undefined): Sight {
  if (expected === undefined) {
    expect(cost).toBeUndefined();
    return { state: "unknown", detail: "it does not say" };
  }
  expect(cost).toMatchObject({ currency: "USD" });
  expect(cost?.amount).toBeGreaterThan(0);
  return { state: "yes", detail: expected };
}
