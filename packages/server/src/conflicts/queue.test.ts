// Policy `queue`: of two tasks that are about the same files the later one waits. On every store, with real work trees.
import { join } from "node:path";
import { readFileSync } from "node:fs";
import type { Task, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { sql } from "../store/sql.ts";
import { cancelTask, getTask, pauseTask, resumeTask, retryTask } from "../tasks/tasks.ts";
import { done } from "../tasks/tasks.testkit.ts";
import { markLanded } from "../workspaces/workspaces.ts";
import { freshStores, openTestPlaces, type TestRepository, writeFile } from "../workspaces/workspaces.testkit.ts";
import { type ConflictServer, openConflictServer } from "./conflicts.testkit.ts";

const places = openTestPlaces();
const lines = (changed: Record<number, string> = {}): string => Array.from({ length: 20 }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join("");

describe.each(await freshStores())("tasks about the same files on %s", (_, freshStore) => {
  const running: ConflictServer[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stopAll();
  });
  /** A server whose agent does nothing until its task is let go. */
  const begin = async (conflictWaitMs = 3_600_000) => {
    const repository = places.repository({ "README.md": "hello\n", "src/one.txt": lines(), "src/two.txt": lines() });
    const letGo = new Map<string, () => void>();
    const seen: Work[] = [];
    const at = ({ taskId, stepId }: Pick<Work, "taskId" | "stepId">): string => `${taskId}/${stepId}`;
    const server = await openConflictServer(await freshStore(), "queue", {
      conflictWaitMs,
      script: async (work, { signal }) => {
        seen.push(work);
        await new Promise<void>((resolve) => {
          letGo.set(at(work), resolve);
          signal.addEventListener("abort", () => resolve());
        });
        return done();
      },
    });
    running.push(server);
    await server.addAgent("any");
    const begun = (key: string) => expect.poll(() => letGo.has(key), { timeout: 20_000, interval: 20 }).toBe(true);
    return {
      server,
      repository,
      letGo: async (key: string) => {
        await begun(key);
        letGo.get(key)?.();
      },
      begun,
      workOf: (key: string) => seen.find((work) => at(work) === key),
      submit: (id: string, files: string[] | undefined, more = {}) =>
        server.submit({ id, title: id, description: "Work.", repository: repository.path, ...(files ? { files } : {}), steps: [{ id: "work" }], ...more }),
      passed: async (id: string) => (await server.events.list({ limit: 100, type: "conflict.passed", taskId: id })).items.map(({ data }) => data["why"]),
    };
  };
  const waits = (task: Task) => [task.status, task.waitingFor?.kind, task.steps[0]?.status];
  const land = async (server: ConflictServer, repository: TestRepository, id: string): Promise<void> => {
    const commit = repository.git("rev-parse", "main");
    const events = await server.db.transaction(async (tx) => {
      const told = await markLanded(server, tx, id, commit, "main");
      tx.leave(server.events.append(tx, told));
      return told;
    });
    if (events.length > 0) server.events.committed();
  };

  test("handed in at once, they begin one after the other in their order; what is about other files begins at once", async () => {
    const { server, submit, letGo, begun, passed } = await begin();
    const ids = await Promise.all([
      submit("first", ["src/one.txt"]),
      submit("second", ["src"]),
      submit("third", ["./src/one.txt"]),
      submit("other", ["README.md"]),
    ]);
    expect(ids).toEqual(["first", "second", "third", "other"]);
    await Promise.all([begun("first/work"), begun("other/work")]);
    const second = await getTask(server, "second");
    expect(waits(second)).toEqual(["waiting", "conflict", "held"]);
    expect(second.reason).toBe(
      "Waits until task first (first) is out of its way: both are about src/one.txt. It goes on once it has ended and what it changed has landed.",
    );
    expect(second.steps[0]?.reason).toBe(second.reason);
    expect((await getTask(server, "third")).reason).toContain("task second");
    const foreseen = await server.events.list({ limit: 10, type: "conflict.foreseen" });
    expect(foreseen.items.map(({ taskId }) => taskId)).toEqual(["second", "third"]);
    await letGo("first/work");
    await server.until("second", "executing");
    expect(await passed("second")).toEqual(["Task first, which was in its way, is completed, and nothing of it is about the same files any more."]);
    expect(waits(await getTask(server, "third"))).toEqual(["waiting", "conflict", "held"]);
    // What is tried again is about its files again: third has not begun, and is behind nobody but the second until then.
    await cancelTask(server, "second");
    await server.until("third", "executing");
    await letGo("third/work");
    await server.until("third", "completed");
    await retryTask(server, "second");
    await letGo("other/work");
    await server.until("other", "completed");
    await server.until("second", "executing");
    expect(await server.db.all(sql`select seq from tasks where declares = 1 and completed_at is not null and seq < 3`)).toEqual([]);
  });

  test("it waits no longer than it may, and goes on when somebody says so; paused or asked for approval it does not", async () => {
    const { server, submit, begun, passed } = await begin(1500);
    await submit("first", ["src/one.txt"]);
    await begun("first/work");
    await submit("second", ["src/one.txt"]);
    await submit("asked", ["src/one.txt"], { constraints: { requiredApprovals: ["ops"] } });
    await submit("paused", ["src/one.txt"]);
    await pauseTask(server, "paused");
    await server.until("second", "executing");
    expect(await passed("second")).toEqual(["It has waited as long as it may."]);
    await expect.poll(() => passed("asked")).toHaveLength(1);
    await expect.poll(() => passed("paused")).toHaveLength(1);
    expect((await getTask(server, "asked")).waitingFor?.kind).toBe("approval");
    expect((await getTask(server, "paused")).status).toBe("paused");
    await resumeTask(server, "paused");
    await begun("paused/work");
    await submit("hurried", ["src/one.txt"]);
    expect(waits(await getTask(server, "hurried"))).toEqual(["waiting", "conflict", "held"]);
    await resumeTask(server, "hurried");
    await begun("hurried/work");
    expect(await passed("hurried")).toEqual(["Somebody said that it goes on."]);
  });

  test("what is changed in a work tree is waited for until it has landed, and the later task begins from there", async () => {
    const { server, repository, submit, letGo, begun, passed } = await begin();
    await server.startRadar();
    await submit("first", undefined, { workspace: "task" });
    await begun("first/work");
    const [tree] = await server.db.all<{ id: string; path: string }>(sql`select id, path from workspaces where task_id = 'first'`);
    if (!tree) throw new Error("There is no work tree.");
    writeFile(tree.path, "src/one.txt", lines({ 3: "first" }));
    await expect.poll(() => server.sight.changesIn(repository.path), { timeout: 20_000 }).toMatchObject([{ paths: ["src/one.txt"] }]);
    await submit("second", ["src"], { workspace: "task" });
    expect(await getTask(server, "second")).toMatchObject({ status: "waiting", waitingFor: { kind: "conflict" } });
    await letGo("first/work");
    await server.until("first", "completed");
    await submit("elsewhere", ["README.md"]);
    await begun("elsewhere/work");
    expect((await getTask(server, "second")).status).toBe("waiting");
    repository.write("src/one.txt", lines({ 3: "first" }));
    repository.git("commit", "-qam", "First");
    await land(server, repository, tree.id);
    await begun("second/work");
    expect(await passed("second")).toEqual([expect.stringMatching(/^What was in its way has landed on main \([0-9a-f]{12}\)\.$/)]);
    const [second] = await server.db.all<{ path: string }>(sql`select path from workspaces where task_id = 'second'`);
    expect(readFileSync(join(second?.path ?? "", "src/one.txt"), "utf8")).toBe(lines({ 3: "first" }));
  });

  test("of two that come to overlap while both work, the later one begins no further step before the other has landed, and is told what came", async () => {
    const { server, repository, submit, letGo, begun, workOf, passed } = await begin();
    await server.startRadar();
    const steps = [{ id: "one" }, { id: "two", needs: ["one"] }];
    await submit("early", undefined, { workspace: "task", steps });
    await submit("late", undefined, { workspace: "task", steps });
    await Promise.all([begun("early/one"), begun("late/one")]);
    const trees = await server.db.all<{ id: string; path: string; task_id: string }>(sql`select id, path, task_id from workspaces order by task_id`);
    for (const { path, task_id } of trees) writeFile(path, "src/one.txt", lines({ 3: task_id }));
    await server.heard("conflict.detected");
    await expect.poll(async () => (await server.db.all(sql`select id from tasks where in_the_way is not null`)).length).toBe(1);
    // What runs goes on.
    expect((await getTask(server, "late")).status).toBe("executing");
    await letGo("late/one");
    const late = await server.until("late", "waiting");
    expect(late.waitingFor).toEqual({ kind: "conflict", detail: expect.stringContaining("task early (early) is out of its way: both are about src/one.txt") });
    await letGo("early/one");
    await letGo("early/two");
    await server.until("early", "completed");
    expect((await getTask(server, "late")).status).toBe("waiting");
    await land(server, repository, trees[0]?.id ?? "");
    await begun("late/two");
    expect(workOf("late/two")?.description).toMatch(/\n\nMeanwhile: What was in its way has landed on main .* src\/one\.txt: merge it into this work tree/);
    expect(await passed("late")).toHaveLength(1);
    await letGo("late/two");
    await server.until("late", "completed");
  });
});
