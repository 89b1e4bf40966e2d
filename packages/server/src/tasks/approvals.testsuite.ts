// What a task asks of people before it begins, held against every store: the approvals it requires and a look at its plan, in any order,
// decided once, by people or by their time running out.
import { afterEach, describe, expect, test } from "vitest";
import { type Approval, parse, stepInput, type TaskInput } from "@baton/contract";
import { listApprovals } from "../approvals/approvals.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { cancelTask, decideApproval, decideNamed, decidePlan, type DispatcherSettings, getTask, pauseTask, resumeTask, retryTask } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

const yes = { decision: "approve" } as const;
const no = { decision: "reject" } as const;
const required = (...requiredApprovals: string[]): TaskInput => ({ description: "Deploy it.", constraints: { requiredApprovals } });

export function testApprovals(store: string, freshStore: () => Promise<OpenStore>): void {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const startOn = async (open: OpenStore, script: Script = () => done(), settings?: Partial<DispatcherSettings>) => {
    const server = await openTestServer(open, script, settings);
    servers.push(server);
    return server;
  };
  const start = async () => {
    const server = await startOn(await freshStore());
    await server.addAgent("any");
    return server;
  };
  const approvalsOf = async (server: TestServer, taskId: string): Promise<Approval[]> =>
    (await listApprovals(server, { scope: EVERYWHERE, taskId, limit: 100, offset: 0 })).items.sort((a, b) => a.seq - b.seq);
  const statesOf = async (server: TestServer, taskId: string) => (await approvalsOf(server, taskId)).map((one) => [one.name ?? one.kind, one.state]);
  const openOf = async (server: TestServer, taskId: string, kind: Approval["kind"]) =>
    (await approvalsOf(server, taskId)).find((one) => one.state === "open" && one.kind === kind)?.id ?? "";

  describe(`an approval that a task requires on ${store}`, () => {
    test("is asked for by name, and nothing begins before each is given", async () => {
      const server = await start();
      const id = await server.submit(required("security-review", "infrastructure-review"));
      const waiting = await getTask(server, id);
      expect([waiting.status, waiting.waitingFor]).toEqual([
        "waiting",
        { kind: "approval", detail: "The approvals security-review, infrastructure-review must be given before it begins." },
      ]);
      expect(waiting.steps[0]).toMatchObject({ status: "held", reason: "Its task waits for people.", attempts: [] });
      expect((await approvalsOf(server, id)).map(({ kind, name, onTimeout }) => [kind, name, onTimeout])).toEqual([
        ["named", "security-review", "reject"],
        ["named", "infrastructure-review", "reject"],
      ]);
      await decideNamed(server, id, { name: "infrastructure-review", ...yes }, "ann");
      expect((await getTask(server, id)).waitingFor?.detail).toBe("The approval security-review must be given before it begins.");
      await decideNamed(server, id, { name: "security-review", ...yes, comment: "fine" }, "bob");
      await server.until(id, "completed");
      expect((await approvalsOf(server, id)).map(({ decidedBy, comment }) => [decidedBy, comment])).toEqual([
        ["bob", "fine"],
        ["ann", null],
      ]);
      const counts = await server.db.all<{ status: string; n: number }>(sql`select status, n from task_counts where n <> 0`);
      expect(counts).toEqual([{ status: "completed", n: 1 }]);
    });
    test("that is denied ends the task, which says who denied it and why, and withdraws the others", async () => {
      const server = await start();
      const id = await server.submit(required("a", "b"));
      await decideNamed(server, id, { name: "a", ...no, comment: "not on a Friday" }, "ann");
      const failed = await getTask(server, id);
      expect([failed.status, failed.failure]).toEqual(["failed", { kind: "gate", detail: "The approval a was denied by ann: not on a Friday", stepId: null }]);
      expect(await statesOf(server, id)).toEqual([
        ["a", "rejected"],
        ["b", "withdrawn"],
      ]);
      await expect(decideNamed(server, id, { name: "b", ...yes }, "bob")).rejects.toMatchObject({ code: "conflict" });
    });
    test("is asked for again when its task is tried again, and what was given stays given", async () => {
      const server = await start();
      const id = await server.submit(required("a", "b"));
      await decideNamed(server, id, { name: "b", ...yes }, "ann");
      await decideNamed(server, id, { name: "a", ...no }, "ann");
      await retryTask(server, id);
      expect((await getTask(server, id)).waitingFor?.detail).toBe("The approval a must be given before it begins.");
      await decideNamed(server, id, { name: "a", ...yes }, "ann");
      await server.until(id, "completed");
    });
    test("is decided once, whoever is first", async () => {
      const server = await start();
      const id = await server.submit(required("a"));
      const open = await openOf(server, id, "named");
      const decided = await Promise.allSettled([1, 2, 3, 4].map((n) => decideApproval(server, open, n % 2 === 0 ? yes : no, `person ${n}`)));
      expect(decided.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await server.events.list({ taskId: id, type: "approval.decided", limit: 10 })).items).toHaveLength(1);
    });
    test("that a task does not require is not there", async () => {
      const server = await start();
      const id = await server.submit(required("a"));
      await expect(decideNamed(server, id, { name: "c", ...yes }, "ann")).rejects.toMatchObject({
        code: "not_found",
        message: expect.stringContaining("it requires a"),
      });
      await expect(server.submit(required("a", "a"))).rejects.toMatchObject({ code: "bad_input" });
      await expect(server.submit(required(...Array.from({ length: 21 }, (_, at) => `a${at}`)))).rejects.toMatchObject({ code: "bad_input" });
    });
    test("is withdrawn when its task is cancelled or its deadline passes", async () => {
      const server = await start();
      const [cancelled, late] = [await server.submit(required("a")), await server.submit(required("a"))];
      await cancelTask(server, cancelled);
      expect(await statesOf(server, cancelled)).toEqual([["a", "withdrawn"]]);
      await server.db.transaction((tx) => tx.run(sql`update tasks set deadline_at = 1 where id = ${late}`));
      await server.until(late, "failed");
      expect(await statesOf(server, late)).toEqual([["a", "withdrawn"]]);
    });
    test("is given while its task is paused or waits for another task, which it goes on waiting for", async () => {
      const server = await start();
      const first = await server.submit(required("a"));
      const second = await server.submit({ ...required("b"), dependsOn: [first] });
      await decideNamed(server, second, { name: "b", ...yes }, "ann");
      expect((await getTask(server, second)).waitingFor?.kind).toBe("dependency");
      await pauseTask(server, first);
      await decideNamed(server, first, { name: "a", ...yes }, "ann");
      expect((await getTask(server, first)).status).toBe("paused");
      await resumeTask(server, first);
      await server.until(second, "completed");
    });
    test("is waited for still when the task it depends on has completed, and after a pause", async () => {
      const server = await start();
      const first = await server.submit({ description: "First." });
      const second = await server.submit({ ...required("b"), dependsOn: [first] });
      await server.until(first, "completed");
      await pauseTask(server, second);
      await resumeTask(server, second);
      expect(await getTask(server, second)).toMatchObject({ status: "waiting", waitingFor: { kind: "approval" } });
      await decideNamed(server, second, { name: "b", ...yes }, "ann");
      await server.until(second, "completed");
    });
    test("outlives its server", async () => {
      const open = await freshStore();
      const first = await startOn(open);
      await first.addAgent("any");
      const id = await first.submit(required("a"));
      await first.stop();
      servers.splice(0);
      const second = await startOn(open);
      await decideNamed(second, id, { name: "a", ...yes }, "ann");
      await second.until(id, "completed");
    });
  });

  describe(`the time for an approval on ${store}`, () => {
    const within = (onApprovalTimeout?: "approve"): TaskInput => ({
      description: "Deploy it.",
      constraints: { requiredApprovals: ["a"], approvalTimeoutMs: 1000, ...(onApprovalTimeout ? { onApprovalTimeout } : {}) },
    });
    test("runs out as a no, which ends the task", async () => {
      const server = await start();
      const id = await server.submit(within());
      expect((await server.until(id, "failed")).failure).toEqual({ kind: "gate", detail: "The approval a was not given in time.", stepId: null });
      expect(await approvalsOf(server, id)).toMatchObject([{ state: "expired", decidedBy: "timeout" }]);
    });
    test("runs out as a yes where the task says so, once, however many servers look", async () => {
      const open = await freshStore();
      const server = await startOn(open);
      await server.addAgent("any");
      if (store === "Postgres") await startOn(open);
      const ids = await Promise.all([1, 2, 3].map(() => server.submit(within("approve"))));
      for (const id of ids) {
        await server.until(id, "completed");
        expect(await approvalsOf(server, id)).toMatchObject([{ state: "approved", decidedBy: "timeout" }]);
        expect((await server.events.list({ taskId: id, type: "approval.decided", limit: 10 })).items).toHaveLength(1);
      }
    });
    test("that runs out while people decide and cancel ends one way, which its task and every count agree with", async () => {
      const open = await freshStore();
      const server = await startOn(open);
      await server.addAgent("any");
      const other = store === "Postgres" ? await startOn(open) : server;
      const ids = await Promise.all(Array.from({ length: 24 }, (_, n) => server.submit(n % 2 ? within("approve") : within())));
      const asked = await Promise.all(ids.map((id) => openOf(server, id, "named")));
      const act = async (at: number): Promise<void> => {
        const [id, approval] = [ids[at] as string, asked[at] as string];
        const ways = [() => decideApproval(other, approval, no, "ann"), () => decideApproval(server, approval, yes, "bob"), () => cancelTask(other, id)];
        await ways[at % 3]?.().catch((error: unknown) => expect(error).toMatchObject({ code: "conflict" }));
      };
      const half = ids.map((_, at) => at).filter((at) => at % 4 === 0);
      await Promise.all(half.map(act));
      // The rest at the very moment at which it runs out.
      await server.until(ids[1] as string, "completed");
      await Promise.all(ids.map((_, at) => act(at)));
      for (const id of ids) {
        const task = await server.until(id, "completed", "failed", "cancelled");
        const [{ state } = { state: "open" }] = await approvalsOf(server, id);
        expect([task.status, state]).toEqual([
          task.status,
          expect.stringMatching({ completed: /^approved$/, failed: /^(rejected|expired)$/, cancelled: /^(withdrawn|approved)$/ }[task.status as "failed"]),
        ]);
        const told = (await server.events.list({ taskId: id, limit: 100 })).items.map(({ type }) => type);
        expect(told.filter((type) => type === "approval.decided")).toHaveLength(1);
        expect(told.filter((type) => ["task.completed", "task.failed", "task.cancelled"].includes(type))).toHaveLength(1);
      }
      const counts = await server.db.all<{ n: number }>(
        sql`select coalesce(sum(n), 0) as n from task_counts where status not in ('completed', 'failed', 'cancelled')`,
      );
      expect(Number(counts[0]?.n)).toBe(0);
    });
    test("of a permission runs out as its registration says", async () => {
      const answers: unknown[] = [];
      const server = await startOn(await freshStore(), async (_, context) => {
        answers.push(await context.ask({ kind: "permission", title: "May I?", detail: null, timeoutMs: 50, onTimeout: "approve" }));
        return done();
      });
      await server.addAgent("curious");
      const id = await server.submit({ description: "Ask." });
      await server.until(id, "completed");
      expect(answers).toEqual([{ decision: "approved", comment: null, byTimeout: true }]);
      expect(await approvalsOf(server, id)).toMatchObject([{ state: "approved", decidedBy: "timeout", onTimeout: "approve" }]);
    });
    test("that ran out while no server was there has run out when one comes", async () => {
      const open = await freshStore();
      const first = await startOn(open);
      const id = await first.submit(within());
      await first.stop();
      servers.splice(0);
      const second = await startOn(open);
      await second.until(id, "failed");
    });
  });

  describe(`a plan that waits for a person on ${store}`, () => {
    const planned = (...names: string[]): TaskInput => ({ ...required(...names), planReview: true, steps: [{ id: "a" }, { id: "b", needs: ["a"] }] });
    test("is in the inbox with its steps, and is approved there", async () => {
      const server = await start();
      const id = await server.submit(planned());
      const [plan] = await approvalsOf(server, id);
      expect(plan).toMatchObject({ kind: "plan", name: null, detail: { steps: [{ id: "a" }, { id: "b", needs: ["a"] }] } });
      await decideApproval(server, plan?.id ?? "", yes, "ann");
      await server.until(id, "completed");
      expect((await server.events.list({ taskId: id, type: "plan.approved", limit: 10 })).items).toMatchObject([{ data: { decidedBy: "ann", edited: false } }]);
    });
    test("that is rejected ends the task, and waits again when it is tried again", async () => {
      const server = await start();
      const id = await server.submit(planned());
      await decideApproval(server, await openOf(server, id, "plan"), { ...no, comment: "too long" }, "ann");
      expect((await getTask(server, id)).failure).toMatchObject({ kind: "gate", detail: "Its plan was denied by ann: too long" });
      await retryTask(server, id);
      await decidePlan(server, id, { steps: [parse(stepInput, { id: "x" }, "")] }, "bob");
      await server.until(id, "completed");
      expect((await approvalsOf(server, id)).map(({ state, decidedBy }) => [state, decidedBy])).toEqual([
        ["rejected", "ann"],
        ["approved", "bob"],
      ]);
    });
    test.each([
      ["first the plan", ["plan", "named"]],
      ["first the approval", ["named", "plan"]],
    ] as const)("and an approval are both needed: %s", async (_, order) => {
      const server = await start();
      const id = await server.submit(planned("security"));
      expect((await getTask(server, id)).waitingFor?.detail).toMatch(/^Its plan waits for a person.*The approval security must be given/);
      await decideApproval(server, await openOf(server, id, order[0]), yes, "ann");
      expect(await getTask(server, id)).toMatchObject({ status: "waiting", waitingFor: { kind: "approval" } });
      await decideApproval(server, await openOf(server, id, order[1]), yes, "ann");
      await server.until(id, "completed");
    });
  });
}
