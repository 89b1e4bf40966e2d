// Work trees of real repositories that get into each other's way, seen by the radar.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parse, conflictQuery } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { receiveMessages } from "../messages/messages.ts";
import { EVERYWHERE, type Scope } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import type { Git } from "../workspaces/git.ts";
import { getWorkspaceRow, markLanded, removeWorkspace } from "../workspaces/workspaces.ts";
import { freshStores, gitIn, openTestPlaces, writeFile } from "../workspaces/workspaces.testkit.ts";
import { foreseeConflicts, getConflict, listConflicts, openRadar, resolveConflict } from "./conflicts.ts";
import { type ConflictServer, openConflictServer } from "./conflicts.testkit.ts";

const places = openTestPlaces();
/** Twenty lines, of which some are replaced. */
const lines = (changed: Record<number, string> = {}): string => Array.from({ length: 20 }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join("");
const FILES = { "README.md": "hello\n", "src/one.txt": lines(), "src/two.txt": lines() };

describe.each(await freshStores())("conflicts on %s", (store, freshStore) => {
  const running: ConflictServer[] = [];
  const start = async (...given: Parameters<typeof openConflictServer>): Promise<ConflictServer> => {
    const server = await openConflictServer(...given);
    running.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of running.splice(0).reverse()) await server.stopAll();
  });
  /** A server with two work trees of one repository, and the radar on. */
  const begin = async (policy: "warn" | "tell" = "warn") => {
    const repository = places.repository(FILES);
    const server = await start(await freshStore(), policy);
    const [ada, bob] = [await server.work("ada", repository.path), await server.work("bob", repository.path)];
    await server.startRadar();
    return { repository, server, ada, bob };
  };

  test("what both change is told within 10 s of the second edit, with both owners, the lines, and that they do not merge", async () => {
    const { server, ada, bob, repository } = await begin();
    const objects = repository.git("count-objects", "-v");
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    const since = Date.now();
    const { data } = await server.heard("conflict.detected");
    expect(Date.now() - since).toBeLessThan(10_000);
    const agents = ["ada", "bob"].map((name) => server.registry.find(`agent-${name}`)?.row.id);
    expect(data).toMatchObject({ severity: "merge", files: ["src/one.txt"], fileCount: 1 });
    const [conflict] = await server.conflicts();
    expect(conflict).toMatchObject({
      id: data["conflictId"],
      state: "open",
      severity: "merge",
      repository: { path: repository.path },
      reason: "Merging the two fails in src/one.txt (line 3).",
      files: [{ path: "src/one.txt", severity: "merge", lines: [{ from: 3, to: 3 }], detail: expect.stringContaining("CONFLICT") }],
    });
    expect(conflict?.owners.map(({ taskId, agentId, workspaceId }) => [taskId, agentId, workspaceId]).sort()).toEqual([
      ["ada", agents[0], ada.id],
      ["bob", agents[1], bob.id],
    ]);
    // Looking leaves nothing in the repository.
    expect(repository.git("count-objects", "-v")).toBe(objects);
  });

  test("a file that both changed in places apart is told as such, whether it was committed or not", async () => {
    const { server, ada, bob } = await begin();
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    gitIn(ada.path, "commit", "-qam", "Change one");
    writeFile(bob.path, "src/one.txt", lines({ 15: "bob" }));
    expect((await server.heard("conflict.detected")).data).toMatchObject({ severity: "file" });
    const [conflict] = await server.conflicts();
    expect(conflict).toMatchObject({ files: [{ path: "src/one.txt", severity: "file", lines: [], detail: null }] });
    expect(conflict?.reason).toBe("Both changed, in places apart, src/one.txt.");
  });

  test("a new file that both made, in a directory that neither had, overlaps unless it is the same", async () => {
    const { server, ada, bob } = await begin();
    writeFile(ada.path, "lib/deep/same.txt", "same\n");
    writeFile(bob.path, "lib/deep/same.txt", "same\n");
    writeFile(ada.path, "lib/deep/new.txt", "of ada\n");
    writeFile(bob.path, "lib/deep/new.txt", "of bob\n");
    await server.heard("conflict.detected");
    const [conflict] = await server.conflicts();
    expect(conflict?.files).toEqual([{ path: "lib/deep/new.txt", severity: "merge", lines: [], detail: expect.stringContaining("add/add") }]);
  });

  test("what is ignored, and what the target has meanwhile, is nobody's change", async () => {
    const { server, ada, bob, repository } = await begin();
    const changed = lines({ 3: "landed" });
    repository.write("src/one.txt", changed);
    repository.git("commit", "-qam", "Change one");
    writeFile(ada.path, "src/one.txt", changed);
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    for (const { path } of [ada, bob]) writeFile(path, ".gitignore", "built/\n");
    writeFile(ada.path, "built/x", "ada");
    writeFile(bob.path, "built/x", "bob");
    writeFile(ada.path, "src/two.txt", lines({ 7: "ada" }));
    writeFile(bob.path, "src/two.txt", lines({ 7: "bob" }));
    await server.heard("conflict.detected");
    await expect.poll(async () => (await server.conflicts())[0]?.files.map(({ path }) => path)).toEqual(["src/two.txt"]);
  });

  test("it gets worse with every file that comes in, eases as they are taken back, and opens again", async () => {
    const { server, ada, bob } = await begin();
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 15: "bob" }));
    await server.heard("conflict.detected");
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    const worse = await server.heard("conflict.worsened");
    expect(worse.data).toMatchObject({ severity: "merge" });
    writeFile(bob.path, "src/one.txt", lines());
    const eased = await server.heard("conflict.eased");
    expect(eased.data).toMatchObject({ files: ["src/one.txt"] });
    expect(await server.conflicts()).toMatchObject([{ state: "eased", severity: null, files: [] }]);
    writeFile(ada.path, "src/two.txt", lines({ 1: "ada" }));
    writeFile(bob.path, "src/two.txt", lines({ 1: "bob" }));
    await server.heard("conflict.detected", eased.seq);
    expect(await server.conflicts()).toMatchObject([{ state: "open", files: [{ path: "src/two.txt" }] }]);
  });

  test("one that is resolved stays so, until a file is worse than it was then", async () => {
    const { server, ada, bob } = await begin();
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    await server.heard("conflict.detected");
    const id = (await server.conflicts())[0]?.id ?? "";
    const resolved = await resolveConflict(server, id, { note: "bob lands last" }, "operator");
    expect(resolved).toMatchObject({ state: "resolved", resolution: { by: "operator", note: "bob lands last" } });
    expect(await resolveConflict(server, id, { note: "again" }, "somebody")).toEqual(resolved);
    // It goes, and comes back as it was.
    writeFile(bob.path, "src/one.txt", lines());
    await expect.poll(async () => (await getConflict(server, id)).files).toEqual([]);
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob again" }));
    await expect.poll(async () => (await getConflict(server, id)).files.length).toBe(1);
    expect(await getConflict(server, id)).toMatchObject({ state: "resolved" });
    writeFile(ada.path, "src/two.txt", lines({ 1: "ada" }));
    writeFile(bob.path, "src/two.txt", lines({ 9: "bob" }));
    await server.heard("conflict.worsened");
    expect(await getConflict(server, id)).toMatchObject({ state: "open", resolution: null, fileCount: 2 });
    expect(await server.told()).toEqual(["conflict.detected", "conflict.resolved", "conflict.worsened"]);
  });

  test("it is gone when one of the two has landed, and when one is removed; what is gone cannot be resolved", async () => {
    const { server, ada, bob, repository } = await begin();
    const cid = await server.work("cid", repository.path);
    for (const { path } of [ada, bob, cid]) writeFile(path, "src/one.txt", lines({ 3: path }));
    await expect.poll(async () => (await server.conflicts()).length).toBe(3);
    await server.db.transaction(async (tx) => {
      tx.leave(server.events.append(tx, await markLanded(server, tx, ada.id, "0".repeat(40), "main")));
    });
    server.events.committed();
    const openOf = async () =>
      (await server.conflicts()).filter(({ state }) => state !== "gone").map(({ owners }) => new Set(owners.map(({ taskId }) => taskId)));
    await expect.poll(openOf).toEqual([new Set(["bob", "cid"])]);
    await removeWorkspace(server, cid.id, { force: true }, "");
    await expect.poll(openOf).toEqual([]);
    const [conflict] = await server.conflicts();
    await expect(resolveConflict(server, conflict?.id ?? "", { note: "" }, "operator")).rejects.toMatchObject({ code: "conflict" });
    await expect(getConflict(server, "nothing")).rejects.toMatchObject({ code: "not_found" });
  });

  test("the radar of a server that starts again tells nothing anew, and what changed meanwhile", async () => {
    const { server, ada, bob } = await begin();
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    const { seq } = await server.heard("conflict.detected");
    await server.stopRadars();
    writeFile(bob.path, "src/two.txt", lines({ 3: "bob" }));
    writeFile(ada.path, "src/two.txt", lines({ 3: "ada" }));
    await server.startRadar();
    await server.heard("conflict.worsened", seq);
    await server.stopRadars();
    for (const { path } of [ada, bob]) gitIn(path, "checkout", "-q", "--", ".");
    await server.startRadar();
    await server.heard("conflict.eased", seq);
    expect(await server.told()).toEqual(["conflict.detected", "conflict.worsened", "conflict.eased"]);
  });

  test("two radars that see the same work trees, those of two servers on Postgres, tell of a conflict once", async () => {
    const repository = places.repository(FILES);
    const open = await freshStore();
    const one = await start(open, "tell");
    const other = store === "Postgres" ? await start(open, "tell") : one;
    const [ada, bob] = [await one.work("ada", repository.path), await one.work("bob", repository.path)];
    await Promise.all([one.startRadar(), other.startRadar()]);
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    const detected = await one.heard("conflict.detected");
    // Both have seen it by the time that both have seen that it is gone.
    for (const { path } of [ada, bob]) writeFile(path, "src/one.txt", lines());
    await one.heard("conflict.eased", detected.seq);
    for (const { path } of [ada, bob]) writeFile(path, "src/two.txt", lines({ 3: path }));
    await one.heard("conflict.detected", detected.seq);
    await one.stopRadars();
    await other.stopRadars();
    expect(await one.told()).toEqual(["conflict.detected", "conflict.eased", "conflict.detected"]);
    expect(await one.conflicts()).toHaveLength(1);
    const mail = await receiveMessages(one, "agent-ada", { limit: 10, waitMs: 0, leaseMs: 1000 });
    expect(mail.map(({ messageType }) => messageType)).toEqual(["conflict", "conflict"]);
  });

  test("where agents are to be told, each of both is sent one message, with the other and the files", async () => {
    const { server, ada, bob } = await begin("tell");
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    for (const [name, path, other] of [
      ["agent-ada", ada.path, "agent-bob"],
      ["agent-bob", bob.path, "agent-ada"],
    ] as const) {
      const [message, ...more] = await receiveMessages(server, name, { limit: 10, waitMs: 25_000, leaseMs: 30_000 });
      expect(more).toEqual([]);
      expect(message).toMatchObject({ senderId: "baton", messageType: "conflict", payload: { severity: "merge", files: [{ path: "src/one.txt" }] } });
      for (const word of [path, `the agent ${other}`, "src/one.txt (line 3)"]) expect(JSON.stringify(message?.payload)).toContain(word);
    }
  });

  test("an agent is not told whose the other change is where that is another project's", async () => {
    const { server, ada, bob } = await begin("tell");
    await server.db.transaction((tx) => tx.run(sql`update tasks set project_id = 'other' where id = 'bob'`));
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    const [message] = await receiveMessages(server, "agent-ada", { limit: 10, waitMs: 25_000, leaseMs: 30_000 });
    expect(message?.payload).toMatchObject({ files: [{ path: "src/one.txt" }], text: expect.stringContaining("somebody else") });
    expect(JSON.stringify(message?.payload)).not.toMatch(/bob/);
  });

  test("a task that is to be handed in is told whose work the files are that it is about, in its project alone", async () => {
    const repository = places.repository(FILES);
    const server = await start(await freshStore());
    const ada = await server.work("ada", repository.path);
    const files = ["src/one.txt", "docs/guide"];
    await server.submit({ id: "waits", description: "Wait.", requirements: ["nobody-has-this"], repository: `${repository.path}/`, files });
    const done = await server.submit({ description: "Work.", repository: repository.path, files, steps: [{ id: "work", agent: "agent-ada" }] });
    await server.until(done, "completed");
    writeFile(ada.path, "src/two.txt", "changed\n");
    const radar = await server.startRadar();
    await expect.poll(() => radar.changesIn(repository.path)).toMatchObject([{ workspaceId: ada.id, paths: ["src/two.txt"] }]);
    const foresee = (asked: string[], projects: Scope["projects"] = "all", at = repository.path) =>
      foreseeConflicts({ ...server, sight: radar }, { repository: at, files: asked }, { projects });
    const observed = { how: "observed", taskId: "ada", workspaceId: ada.id, files: ["src/two.txt"] };
    const declared = { how: "declared", taskId: "waits", workspaceId: null };
    expect(await foresee(["src/two.txt"])).toMatchObject([observed]);
    expect(await foresee([`${repository.path}/src/`])).toMatchObject([observed, { ...declared, files: ["src/one.txt"] }]);
    expect(await foresee(["./docs/guide/begin.md"])).toMatchObject([{ ...declared, files: ["docs/guide"] }]);
    for (const nothing of [foresee(["README.md", "src/one"]), foresee(["src"], "all", "/elsewhere"), foresee(["src"], ["other"]), foresee([])])
      expect(await nothing).toEqual([]);
  });

  test("conflicts are listed by state, workspace, task and repository", async () => {
    const { server, ada, bob, repository } = await begin();
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    await server.heard("conflict.detected");
    const count = async (query: object) => (await listConflicts(server, EVERYWHERE, parse(conflictQuery, query, "query"))).total;
    const fitting = [{}, { state: "open" }, { workspaceId: ada.id }, { taskId: "bob" }, { repository: repository.path }];
    const other = [{ state: "gone" }, { workspaceId: "x" }, { taskId: "x" }, { repository: "/x" }];
    expect(await Promise.all(fitting.map(count))).toEqual(fitting.map(() => 1));
    expect(await Promise.all(other.map(count))).toEqual(other.map(() => 0));
  });

  test("a radar that is closed ends the git it waits for", async () => {
    const repository = places.repository(FILES);
    const server = await start(await freshStore());
    await server.work("ada", repository.path);
    let called: () => void = () => undefined;
    const hangs = new Promise<void>((resolve) => (called = resolve));
    const run: Git["run"] = ({ signal }) =>
      new Promise((resolve) => {
        signal?.addEventListener("abort", () => resolve({ code: null, stdout: "", stderr: "", how: "was ended" }));
        called();
      });
    const radar = await openRadar({ ...server, git: { ...server.git, run } });
    await hangs;
    await radar.close();
  });

  test("a work tree that vanishes is no end of the radar", async () => {
    const { server, ada, bob, repository } = await begin();
    const cid = await server.work("cid", repository.path);
    rmSync(join(cid.path), { recursive: true });
    writeFile(ada.path, "src/one.txt", lines({ 3: "ada" }));
    writeFile(bob.path, "src/one.txt", lines({ 3: "bob" }));
    await server.heard("conflict.detected");
    expect((await getWorkspaceRow(server, cid.id)).state).toBe("ready");
  });
});
