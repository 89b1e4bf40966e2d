// What is left behind, and found again, held against every store.
import { type Outcome, parse, question } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { listApprovals } from "../approvals/approvals.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { SIGNAL } from "./attempt-rows.ts";
import type { Link } from "./dialin-door.ts";
import { type DispatcherSettings, listUpdates, openDialinDoor, pauseTask, resumeTask } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer, untilAborted } from "./tasks.testkit.ts";

const done: Outcome = { ok: true, output: "done" };

export function testTakeOver(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`what is left behind on ${store}`, () => {
    const servers: TestServer[] = [];
    const start = async (open: OpenStore, script: Script, settings?: Partial<DispatcherSettings>) => {
      const server = await openTestServer(open, script, settings);
      servers.push(server);
      return server;
    };
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });
    /** Hangs the first time and tells that it does, then works. */
    const hangsOnce = () => {
      let called: () => void = () => undefined;
      const hanging = new Promise<void>((resolve) => (called = resolve));
      let times = 0;
      const script: Script = (_, { signal }) => {
        if (++times > 1) return done;
        called();
        return untilAborted(signal);
      };
      return { hanging, script };
    };

    test("an attempt under a lease that is gone altogether is taken over", async () => {
      const { hanging, script } = hangsOnce();
      const server = await start(await freshStore(), script);
      await server.addAgent("any");
      const id = await server.submit({ description: "Be left behind." });
      await hanging;
      await server.db.transaction((tx) => tx.run(sql`update attempts set worker = 'nobody' where task_id = ${id}`));
      const task = await server.until(id, "completed");
      expect(task.steps[0]?.attempts.map(({ number, state }) => [number, state])).toEqual([
        [1, "lost"],
        [2, "completed"],
      ]);
    });

    test("an attempt handed to a server that died before it took it up is no loss: no agent has seen it", async () => {
      const { hanging, script } = hangsOnce();
      const server = await start(await freshStore(), script);
      await server.addAgent("any");
      const id = await server.submit({ description: "Be handed to the dead." });
      await hanging;
      await server.db.transaction(async (tx) => {
        await tx.run(sql`update task_steps set losses = 5 where task_id = ${id}`);
        await tx.run(sql`update attempts set worker = 'nobody', signal = ${SIGNAL.takeUp} where task_id = ${id}`);
      });
      const task = await server.until(id, "completed");
      expect(task.steps[0]?.attempts.map(({ number, state }) => [number, state])).toEqual([
        [1, "cancelled"],
        [2, "completed"],
      ]);
    });

    test("an attempt that is this server's and was never begun here is begun", async () => {
      const { hanging, script } = hangsOnce();
      const server = await start(await freshStore(), script);
      await server.addAgent("any");
      const id = await server.submit({ description: "Be forgotten." });
      await hanging;
      // As when a commit worked and nobody was told: the row is there, and nothing in memory knows of it.
      const [attempt] = await server.db.all<{ id: string }>(sql`select id from attempts where task_id = ${id}`);
      await server.db.transaction(async (tx) => {
        await tx.run(sql`update attempts set id = ${`${attempt?.id}-again`} where id = ${attempt?.id ?? ""}`);
      });
      server.dispatcher.attempts.stop([attempt?.id ?? ""], "released");
      expect((await server.until(id, "completed")).steps[0]?.attempts).toHaveLength(1);
    });

    test("a step that is to be tried again waits for its paused task to go on", async () => {
      let finish: (outcome: Outcome) => void = () => undefined;
      const first = new Promise<Outcome>((resolve) => (finish = resolve));
      let times = 0;
      const server = await start(await freshStore(), () => (++times === 1 ? first : done));
      await server.addAgent("any");
      const id = await server.submit({ description: "Pause meanwhile." });
      await server.until(id, "executing");
      await pauseTask(server, id);
      finish({ ok: false, kind: "timeout", detail: "too slow" });
      for await (const _ of server.events.follow({ after: 0, filter: { taskId: id, type: "step.retrying" }, signal: AbortSignal.timeout(60_000) })) break;
      expect((await server.until(id, "paused")).steps[0]?.status).toBe("held");
      await resumeTask(server, id);
      await server.until(id, "completed");
      expect(times).toBe(2);
    });

    test("what an agent tells and asks the moment its attempt is adopted is heard", async () => {
      // No poll comes to the rescue: what goes on does so by itself.
      const server = await start(await freshStore(), () => done, { pollMs: 60_000 });
      const door = openDialinDoor(server);
      let begin: () => void = () => undefined;
      const began = new Promise<void>((resolve) => (begin = resolve));
      const holding: { attemptId: string; fence: number }[] = [];
      const first: Link = {
        send: (frame) => {
          if (frame.type !== "attempt.start") return;
          holding.push({ attemptId: frame.work.attemptId, fence: frame.work.fence });
          begin();
        },
        close: () => undefined,
      };
      const { agentId } = await door.attach({ type: "agent.attach", agent: { name: "caller" }, holding: [] }, first);
      const id = await server.submit({ description: "Ask me." });
      await began;
      server.dispatcher.attempts.release("released");
      await server.dispatcher.attempts.drained(5000);
      const second: Link = { send: () => undefined, close: () => undefined };
      const { resumed } = await door.attach({ type: "agent.attach", agent: { name: "caller" }, holding }, second);
      const [held] = resumed as [(typeof resumed)[number]];
      expect(held.fence).toBe((holding[0]?.fence ?? 0) + 1);
      const text = "Still here.";
      await Promise.all([
        door.updated(agentId, second, held, [{ kind: "note", text }]),
        door.asked(agentId, second, held, "1", parse(question, { kind: "permission", title: "May I?" }, "question")),
      ]);
      await expect.poll(async () => (await listApprovals(server, { scope: EVERYWHERE, taskId: id, limit: 1, offset: 0 })).items[0]?.title).toBe("May I?");
      await door.ended(agentId, second, held, done);
      await server.until(id, "completed");
      expect((await listUpdates(server, held.attemptId, { after: 0, limit: 10 })).items.map(({ update }) => update)).toContainEqual({ kind: "note", text });
    });
  });
}
