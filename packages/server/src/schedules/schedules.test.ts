// Schedules on real stores: tasks handed in at their times, once each however many servers look, and what happens to times that were missed.
import { EVERYWHERE } from "../store/scope.ts";
import { parse, Refusal, scheduleInput } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { sql } from "../store/sql.ts";
import { eachStore, type OpenStore, openTestServer, type Script, type TestServer } from "../tasks/tasks.testkit.ts";
import { getTask, listTasks } from "../tasks/tasks.ts";
import { createSchedule, getSchedule, listSchedules, openScheduler, patchSchedule, removeSchedule, runSchedule, type Scheduler } from "./schedules.ts";

const stores = await eachStore();

describe.each(stores)("schedules on %s", (_, freshStore) => {
  const running: { server: TestServer; scheduler: Scheduler | undefined }[] = [];
  const start = async (script: Script = () => ({ ok: true, output: "done" }), open?: OpenStore) => {
    const server = await openTestServer(open ?? (await (freshStore as () => Promise<OpenStore>)()), script);
    const one = { server, scheduler: undefined as Scheduler | undefined };
    running.push(one);
    return { server, run: () => (one.scheduler = openScheduler(server)) };
  };
  afterEach(async () => {
    for (const { server, scheduler } of running.splice(0)) {
      await scheduler?.stop();
      await server.stop();
    }
  });
  const everySecond = { name: "tick", cron: "* * * * * *", task: { description: "Tick." } };
  const create = (server: TestServer, input: object) => createSchedule(server, parse(scheduleInput, input, "body"));
  const handedIn = async (server: TestServer) => (await listTasks(server, EVERYWHERE, { limit: 100, offset: 0 })).total;
  /** As if no server had run since then. */
  const dueSince = (server: TestServer, ms: number) =>
    server.db.transaction(async (tx) => void (await tx.run(sql`update schedules set next_at = ${Math.floor((Date.now() - ms) / 1000) * 1000}`)));
  const it = test.skipIf(freshStore === undefined);

  it("hand their task in again and again, and say when next", async () => {
    const { server, run } = await start();
    await server.addAgent("any");
    const { id, nextAt } = await create(server, everySecond);
    expect(Date.parse(nextAt ?? "")).toBeGreaterThan(Date.now() - 1000);
    run();
    await expect.poll(() => handedIn(server)).toBeGreaterThanOrEqual(2);
    const { lastTaskId, lastAt, nextAt: next } = await getSchedule(server, "tick");
    expect(lastTaskId).not.toBeNull();
    expect(Date.parse(next ?? "")).toBeGreaterThan(Date.parse(lastAt ?? ""));
    const fired = await server.events.list({ limit: 10, type: "schedule.fired" });
    expect(fired.items[0]?.data).toMatchObject({ scheduleId: id, name: "tick" });
  });
  it("hand it in once for a time, however many look, and however often it is looked", async () => {
    const { server, run } = await start();
    await server.addAgent("any");
    await create(server, { name: "once", at: new Date(Date.now() + 150).toISOString(), task: { description: "Once." } });
    run();
    const others = [openScheduler(server), openScheduler(server)];
    await expect.poll(() => handedIn(server)).toBe(1);
    await expect.poll(async () => (await getSchedule(server, "once")).reason).toBe("Its time has passed.");
    await Promise.all(others.map((one) => one.stop()));
    expect(await handedIn(server)).toBe(1);
    expect((await server.events.list({ limit: 10, type: "schedule.fired" })).items).toHaveLength(1);
  });
  it.each([
    ["all", 5],
    ["once", 1],
  ] as const)("that were missed are caught up: %s", async (catchUp, expected) => {
    const { server, run } = await start();
    await server.addAgent("any");
    await create(server, { ...everySecond, cron: "0 * * * * *", catchUp, overlap: "allow" });
    await dueSince(server, 4.5 * 60_000);
    run();
    // From its due time to now: that one and each full minute since.
    await expect.poll(() => handedIn(server)).toBeGreaterThanOrEqual(catchUp === "all" ? expected : 1);
    await expect.poll(async () => Date.parse((await getSchedule(server, "tick")).nextAt ?? "")).toBeGreaterThan(Date.now());
    if (catchUp === "once") expect(await handedIn(server)).toBe(1);
  });
  it("do not hand a task in while the one before goes on, and say so", async () => {
    const { server, run } = await start(
      (_, context) => new Promise((resolve) => context.signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "" }))),
    );
    await server.addAgent("slow");
    await create(server, everySecond);
    run();
    await expect.poll(async () => (await server.events.list({ limit: 10, type: "schedule.skipped" })).items.length).toBeGreaterThan(0);
    expect(await handedIn(server)).toBe(1);
    const [skipped] = (await server.events.list({ limit: 1, type: "schedule.skipped" })).items;
    expect(skipped?.data["reason"]).toContain("has not ended");
  });
  it("rest while they are switched off, are changed, run by hand, and removed", async () => {
    const { server, run } = await start();
    await server.addAgent("any");
    await create(server, { ...everySecond, enabled: false });
    run();
    expect(await getSchedule(server, "tick")).toMatchObject({ nextAt: null, reason: "It is switched off." });
    expect(await runSchedule(server, "tick")).toEqual(expect.any(String));
    const changed = await patchSchedule(server, "tick", { at: new Date(Date.now() + 86_400_000).toISOString(), enabled: true });
    expect(changed).toMatchObject({ cron: null, enabled: true, nextAt: changed.at });
    await removeSchedule(server, "tick");
    await expect(getSchedule(server, "tick")).rejects.toMatchObject({ code: "not_found" });
    expect(await handedIn(server)).toBe(1);
  });
  it("are served by one server at a time, also when it takes longer than to the next time", async () => {
    const { server } = await start();
    await server.addAgent("any");
    await create(server, { ...everySecond, overlap: "allow" });
    await dueSince(server, 5000);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { turn } = server.dispatcher;
    let isAsked = false;
    const submit: typeof turn.submit = async (submission) => {
      isAsked = true;
      await gate;
      return turn.submit(submission);
    };
    const slow = openScheduler({ ...server, dispatcher: { ...server.dispatcher, turn: { ...turn, submit } } });
    await expect.poll(() => isAsked).toBe(true);
    // Due after the one that is being handed in: whoever has served it has looked at both.
    await create(server, { name: "other", at: new Date(Date.now() + 50).toISOString(), task: { description: "Other." } });
    const other = openScheduler(server);
    await expect.poll(async () => (await getSchedule(server, "other")).lastTaskId).not.toBeNull();
    expect(await handedIn(server)).toBe(1);
    go();
    await expect.poll(async () => (await getSchedule(server, "tick")).lastTaskId).not.toBeNull();
    await Promise.all([slow.stop(), other.stop()]);
  });
  it("stay due while no server takes tasks, and are handed in when one does", async () => {
    const { server, run } = await start();
    await server.addAgent("any");
    const { id } = await create(server, { name: "once", at: new Date(Date.now() + 50).toISOString(), task: { description: "Once." } });
    const { turn } = server.dispatcher;
    let refused = 0;
    const submit: typeof turn.submit = async () => {
      refused++;
      throw new Refusal("unavailable", "This server is stopping.");
    };
    const stopping = openScheduler({
      ...server,
      dispatcher: { ...server.dispatcher, turn: { ...turn, submit } },
      log: { ...server.log, warn: () => undefined },
    });
    await expect.poll(() => refused).toBeGreaterThan(1);
    await stopping.stop();
    expect((await getSchedule(server, id)).reason).toBe("It waits for its time.");
    run();
    await expect.poll(() => handedIn(server)).toBe(1);
    expect((await server.events.list({ limit: 10, type: "schedule.skipped" })).items).toEqual([]);
  });
  it("are of a project, as every task of theirs is", async () => {
    const { server } = await start();
    const task = { description: "Go." };
    const at = new Date(Date.now() + 86_400_000).toISOString();
    const red = await create(server, { name: "red", projectId: "red", at, task });
    await create(server, { name: "blue", at, task: { ...task, projectId: "blue" } });
    await create(server, { name: "everybody's", projectId: "default", at, task });
    for (const [name, projectId] of [
      ["red", "red"],
      ["blue", "blue"],
      ["everybody's", null],
    ] as const)
      expect((await getTask(server, await runSchedule(server, name))).projectId).toBe(projectId);
    const seen = async (...projects: string[]) => (await listSchedules(server, { projects }, { limit: 10, offset: 0 })).items.map(({ name }) => name);
    expect([await seen("red"), await seen("blue", "default"), await seen("green")]).toEqual([["red"], ["blue", "everybody's"], []]);
    const other = { code: "bad_input", issues: [{ path: "body.task.projectId", message: expect.stringContaining("red") }] };
    await expect(
      patchSchedule(server, red.id, { task: parse(scheduleInput, { name: "x", task: { ...task, projectId: "blue" } }, "body").task }),
    ).rejects.toMatchObject(other);
    await patchSchedule(server, red.id, { task: parse(scheduleInput, { name: "x", task: { description: "Anew." } }, "body").task });
    expect(await getTask(server, await runSchedule(server, "red"))).toMatchObject({ projectId: "red", description: "Anew." });
  });
  it("are refused without a time, with two, with one that has passed, and under a name that is taken", async () => {
    const { server } = await start();
    const { name: _name, ...untold } = everySecond;
    await expect(create(server, { name: "x", task: untold.task })).rejects.toMatchObject({ code: "bad_input" });
    await expect(create(server, { ...everySecond, at: "2030-01-01T00:00:00Z" })).rejects.toMatchObject({ code: "bad_input" });
    await expect(create(server, { name: "x", at: "2020-01-01T00:00:00Z", task: untold.task })).rejects.toMatchObject({ code: "bad_input" });
    await create(server, everySecond);
    await expect(create(server, everySecond)).rejects.toMatchObject({ code: "name_taken" });
  });
});
