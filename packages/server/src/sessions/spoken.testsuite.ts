// Tasks in sessions on a real store: what was said reaches agents, what came of it is said once, who holds the conversation goes on with it.
import { type Outcome, parse, sessionInput, type SessionInput, taskInput, type Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { removeAgent } from "../agents/agents.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "../tasks/tasks.testkit.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { listAgentAttempts, listTasks, previewTask, retryTask, submitUnparsed } from "../tasks/tasks.ts";
import { addPin, createSession, getContext, getSession, listTurns, removeSession } from "./sessions.ts";
import { sweepSessions } from "./sweep.ts";

export function testSpoken(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`tasks in sessions on ${store}`, () => {
    const running: TestServer[] = [];
    const start = async (script: Script, settings: object = {}, open?: OpenStore): Promise<TestServer> => {
      const server = await openTestServer(open ?? (await freshStore()), script, settings);
      running.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of running.splice(0)) await server.stop();
    });
    const begin = async (server: TestServer, input: SessionInput = {}) => (await createSession(server, parse(sessionInput, input, "body"))).id;
    const ask = async (server: TestServer, sessionId: string, description: string, more: object = {}) =>
      server.until(await server.submit({ description, sessionId, ...more }), "completed", "failed");
    const said = async (server: TestServer, id: string) =>
      (await listTurns(server, id, { limit: 100 })).items.map(({ role, content }) => `${role}: ${content}`);
    /** Answers with what it was handed, and keeps conversations of its own. */
    const keeping =
      (seen: Work[]): Script =>
      (work, _context, name) => {
        seen.push(work);
        return { ok: true, output: `${name} heard ${work.description.split("\n").at(-1)}`, conversation: `${name}-${work.taskId}` } satisfies Outcome;
      };

    test("what is asked and what comes of it are turns, and the next agent is told of them", async () => {
      const seen: Work[] = [];
      const server = await start((work) => {
        seen.push(work);
        return done(seen.length === 1 ? "Blue." : { colour: "blue" });
      });
      const agent = await server.addAgent("ann");
      const id = await begin(server);
      const first = await ask(server, id, "What colour is it?");
      await addPin(server, id, { content: "It is a house." });
      await ask(server, id, "Why?");
      expect(await said(server, id)).toEqual(["user: What colour is it?", "assistant: Blue.", "user: Why?", 'assistant: {\n  "colour": "blue"\n}']);
      expect((await listTurns(server, id, { limit: 2, after: 0 })).items).toMatchObject([
        { taskId: first.id, agentId: null },
        { taskId: first.id, agentId: agent },
      ]);
      expect(seen[0]?.context.session).toMatchObject({ turns: [], text: "" });
      expect(seen[1]?.context.session).toMatchObject({ pinned: ["It is a house."], omitted: 0, since: null });
      expect(seen[1]?.context.session?.text).toBe(
        "This goes on with a conversation. What was said before, oldest first:\n\nTo be kept in mind:\n- It is a house.\n\n[The person]\nWhat colour is it?\n\n[You]\nBlue.\n\nWhat is asked now:",
      );
      // Connectors that do not tell it in a way of their own are given it before the description.
      expect(seen[1]?.description).toBe(`${seen[1]?.context.session?.text}\n\nWhy?`);
    });
    test("of a plan, the steps that begin it are told what was said, and the end of the plan is the answer", async () => {
      const seen = new Map<string, Work>();
      const server = await start((work) => {
        seen.set(work.stepId, work);
        return done(`${work.stepId} done`);
      });
      await server.addAgent("ann");
      const id = await begin(server);
      await ask(server, id, "First.");
      await ask(server, id, "Build it.", { steps: [{ id: "make" }, { id: "test", needs: ["make"] }] });
      expect([seen.get("make")?.context.session?.turns.length, seen.get("test")?.context.session]).toEqual([2, undefined]);
      expect((await said(server, id)).slice(2)).toEqual(["user: Build it.", "assistant: test done"]);
    });
    test("a failure is said, once, and the answer when it is tried again and works", async () => {
      let works = false;
      const server = await start(() => (works ? done("It works.") : { ok: false, kind: "agent_error", detail: "No idea." }));
      await server.addAgent("ann");
      const id = await begin(server);
      const task = await ask(server, id, "Do it.");
      await retryTask(server, task.id);
      await server.until(task.id, "failed");
      works = true;
      await retryTask(server, task.id);
      await server.until(task.id, "completed");
      expect(await said(server, id)).toEqual(["user: Do it.", "system: What was asked could not be done: No idea.", "assistant: It works."]);
    });
    test("the agent that holds the conversation goes on with it and is told only what is new", async () => {
      const seen: Work[] = [];
      const server = await start(keeping(seen));
      const ann = await server.addAgent("ann", { capabilities: ["talking"] });
      await server.addAgent("bob", { capabilities: ["talking", "counting"] });
      const id = await begin(server);
      const first = await ask(server, id, "Hello", { steps: [{ id: "say", agent: "ann" }] });
      const reasons = async (task: typeof first) => (await server.until(task.id, "completed")).steps[0]?.attempts[0]?.assignment.reasons;
      const second = await ask(server, id, "And you?", { requirements: ["talking"] });
      expect(seen[1]).toMatchObject({ conversation: `ann-${first.id}`, context: { session: { since: "" } } });
      expect((await reasons(second))?.[0]).toBe("It holds the conversation of this session.");
      const third = await ask(server, id, "Count", { requirements: ["counting"] });
      expect([seen[2]?.conversation, seen[2]?.context.session?.turns.length]).toEqual([undefined, 4]);
      expect((await reasons(third))?.[0]).toMatch(/^ann, which holds the conversation of this session, does not have counting; this one is told what was said/);
      await ask(server, id, "Back to you", { steps: [{ id: "say", agent: "ann" }] });
      expect(seen[3]?.conversation).toBe(`ann-${second.id}`);
      expect(seen[3]?.context.session?.since).toMatch(
        /^Since you last spoke in this conversation:\n\n\[The person\]\nCount\n\n\[An agent\]\nbob heard Count\n\nWhat is asked now:$/,
      );
      expect((await getSession(server, id)).holders[0]?.agentId).toBe(ann);
      expect((await getContext(server, id, ann)).since).toBe("");
    });
    test("an agent that is gone is passed over, with the reason, and another is told everything", async () => {
      const seen: Work[] = [];
      const server = await start(keeping(seen));
      const id = await begin(server);
      await server.addAgent("ann");
      await ask(server, id, "Hello");
      await server.registry.refresh();
      await removeAgent(server, "ann");
      await server.addAgent("bob");
      const preview = await previewTask(server, parse(taskInput, { description: "Still there?", sessionId: id }, "body"));
      expect(preview.steps[0]?.assignment?.reasons[0]).toContain("is not registered any more; this one is told what was said");
      const task = await ask(server, id, "Still there?");
      expect(task.steps[0]?.attempts[0]?.assignment.agentName).toBe("bob");
      const started = (await server.events.list({ limit: 100, taskId: task.id, type: "attempt.started" })).items[0];
      expect(started?.data["reason"]).toContain("is not registered any more");
      expect([seen[1]?.conversation, seen[1]?.context.session?.turns.length]).toEqual([undefined, 2]);
    });
    test("after a try that failed the conversation is not counted on: a fresh one is begun with all that was said", async () => {
      const seen: Work[] = [];
      const server = await start((work, context, name) => {
        if (work.description.endsWith("Again") && work.conversation !== undefined) {
          seen.push(work);
          return { ok: false, kind: "unavailable", detail: "It could not be gone on with." };
        }
        return keeping(seen)(work, context, name);
      });
      await server.addAgent("ann");
      const id = await begin(server);
      await ask(server, id, "Hello");
      await ask(server, id, "Again");
      expect(seen.map(({ conversation }) => conversation === undefined)).toEqual([true, false, true]);
      expect(seen[2]?.context.session).toMatchObject({ since: null, turns: [{}, {}] });
    });
    test("a task for a session that is not there, has expired or is gone is refused, or says nothing", async () => {
      const settings = { sessionIdleMs: 300 };
      let release = (): void => undefined;
      const server = await start(() => new Promise<Outcome>((resolve) => (release = () => resolve(done()))), settings);
      await server.addAgent("ann");
      await expect(server.submit({ description: "x", sessionId: "none" })).rejects.toMatchObject({ code: "not_found" });
      const id = await begin(server);
      const given = { description: "x", sessionId: id };
      const { id: taskId } = await submitUnparsed(server, given, { idempotencyKey: "k" });
      await expect.poll(async () => (await getSession(server, id)).status).toBe("expired");
      await expect(server.submit(given)).rejects.toMatchObject({ code: "conflict" });
      // A repeated request is answered as it was at first.
      expect(await submitUnparsed(server, given, { idempotencyKey: "k" })).toMatchObject({ id: taskId, created: false });
      await sweepSessions(server);
      await removeSession(server, id);
      release();
      expect((await server.until(taskId, "completed")).sessionId).toBe(id);
      await expect(getSession(server, id)).rejects.toMatchObject({ code: "not_found" });
    });
    test("a conversation that grows beyond its window is summed up by an agent that can, and not without one", async () => {
      const jobs: Work[] = [];
      const server = await start((work) => {
        if (work.requirements.includes("summarization")) jobs.push(work);
        return done(work.requirements.includes("summarization") ? `They counted to ${jobs.length}.` : "Yes.");
      });
      await server.addAgent("ann", { capabilities: ["talking"] });
      const id = await begin(server, { window: { turns: 4, tokens: 8000 } });
      for (const n of [1, 2, 3]) await ask(server, id, `Count ${n}`, { requirements: ["talking"] });
      expect(await getContext(server, id, undefined)).toMatchObject({ summary: null, omitted: 2 });
      await server.addAgent("sam", { capabilities: ["summarization"] });
      await expect.poll(async () => (await getSession(server, id)).summary).toMatchObject({ text: "They counted to 1.", upTo: 4 });
      expect(jobs[0]?.description).toMatch(/Sum up this conversation.*\[user\]\nCount 1\n\n\[assistant\]\nYes\.\n\n\[user\]\nCount 2/s);
      const told = await getContext(server, id, undefined);
      expect(told).toMatchObject({ omitted: 0, summary: "They counted to 1." });
      expect(told.text).toContain("Summary of turns 1 to 4:\nThey counted to 1.");
      for (const n of [4, 5]) await ask(server, id, `Count ${n}`, { requirements: ["talking"] });
      await expect.poll(async () => (await getSession(server, id)).summary?.upTo).toBeGreaterThan(4);
      expect(jobs[1]?.description).toContain("What came before, summed up:\nThey counted to 1.");
      expect(await said(server, id)).toHaveLength(10);
    });
    test("what was said in a project is summed up in that project, by nobody outside it", async () => {
      const jobs: Work[] = [];
      const server = await start((work) => {
        if (work.requirements.includes("summarization")) jobs.push(work);
        return done("Yes.");
      });
      await server.addAgent("ann", { capabilities: ["talking"] });
      await server.addAgent("bob", { capabilities: ["summarization"], projectId: "blue" });
      const id = await begin(server, { window: { turns: 4, tokens: 8000 }, projectId: "red" });
      for (const n of [1, 2, 3]) await ask(server, id, `Count ${n}`, { requirements: ["talking"] });
      expect((await getSession(server, id)).summary).toBeNull();
      expect(jobs).toEqual([]);
      await server.addAgent("rose", { capabilities: ["summarization"], projectId: "red" });
      await expect.poll(async () => (await getSession(server, id)).summary, { timeout: 30_000 }).not.toBeNull();
      const summaries = (await listTasks(server, EVERYWHERE, { limit: 50, offset: 0, type: "session_summary" })).items;
      expect(summaries.map(({ projectId }) => projectId)).toEqual(summaries.map(() => "red"));
      expect(summaries.length).toBeGreaterThan(0);
      expect((await listAgentAttempts(server, EVERYWHERE, "bob", 10)).items).toEqual([]);
    });
    test("a hundred questions in one session, at two servers where there can be two, are said once each, and so are their answers", async () => {
      const open = await freshStore();
      const script: Script = (work) => done(`re ${work.title}`);
      const one = await start(script, {}, open);
      const two = store === "SQLite" ? one : await start(script, {}, open);
      await one.addAgent("ann");
      await two.registry.refresh();
      const id = await begin(one);
      const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? one : two).submit({ description: `q${n}`, sessionId: id })));
      await Promise.all(ids.map((task) => one.until(task, "completed")));
      const { items } = await listTurns(one, id, { limit: 500 });
      expect(items.map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
      expect(new Set(items.map(({ content }) => content)).size).toBe(200);
    });
  });
}
