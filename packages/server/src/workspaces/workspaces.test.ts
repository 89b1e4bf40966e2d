// Workspaces of real repositories, entered by attempts of scripted agents that change files in them.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse, workspaceQuery } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { done, type Script, untilAborted } from "../tasks/tasks.testkit.ts";
import { recoverWorkspaces } from "./recover.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { getWorkspace, getWorkspaceRow, listWorkspaces, markLanded, removeWorkspace, snapshotWorkspace } from "./workspaces.ts";
import { freshStores, gitIn, openTestPlaces, startingServers, writeFile } from "./workspaces.testkit.ts";

const places = openTestPlaces();
const all = parse(workspaceQuery, {}, "query");

describe.each(await freshStores())("workspaces on %s", (_, freshStore) => {
  const start = startingServers(freshStore);
  const writing =
    (name: string, text: string): Script =>
    ({ workspace }) => {
      writeFile(workspace?.path ?? "", name, text);
      return done();
    };

  test("a task with a workspace is worked on in a work tree of its own, on a branch of its own, and the repository stays as it was", async () => {
    const repository = places.repository();
    const server = await start(writing("src/one.txt", "changed\n"));
    await server.addAgent("worker");
    const id = await server.submit({ id: "fix the login", description: "Fix it.", repository: repository.path, workspace: "task" });
    await server.until(id, "completed");
    const workspace = await getWorkspace(server, id);
    expect(workspace).toMatchObject({ kind: "task", taskId: id, branch: "baton/fix-the-login", baseBranch: "main", state: "ready", attempts: [] });
    expect(workspace.baseCommit).toBe(repository.git("rev-parse", "main"));
    expect(gitIn(workspace.path, "symbolic-ref", "HEAD")).toBe("refs/heads/baton/fix-the-login");
    expect(readFileSync(join(workspace.path, "src/one.txt"), "utf8")).toBe("changed\n");
    expect(repository.git("status", "--porcelain")).toBe("");
    expect(repository.git("show", `${workspace.snapshot?.ref}:src/one.txt`)).toBe("changed");
  });

  test("the steps of a task share its workspace, and each agent has one of its own where it is asked for", async () => {
    const repository = places.repository();
    const seen: (string | undefined)[] = [];
    const server = await start(({ workspace }) => {
      seen.push(workspace?.path);
      return done();
    });
    await server.addAgent("ada");
    await server.addAgent("bob");
    const steps = [
      { id: "one", agent: "ada" },
      { id: "two", agent: "bob", needs: ["one"] },
      { id: "three", agent: "ada", needs: ["two"], workspace: "agent" as const },
      { id: "four", agent: "bob", needs: ["three"], workspace: "agent" as const },
      { id: "five", agent: "bob", needs: ["four"], workspace: "none" as const },
    ];
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task", steps });
    await server.until(id, "completed");
    expect(seen[0]).toBe(seen[1]);
    expect(new Set(seen.slice(1, 4)).size).toBe(3);
    expect(seen[4]).toBeUndefined();
    const { items } = await listWorkspaces(server, EVERYWHERE, all);
    expect(items.map(({ kind, branch }) => [kind, branch])).toEqual([
      ["agent", "baton/agents/bob"],
      ["agent", "baton/agents/ada"],
      ["task", `baton/${id}`],
    ]);
    const worktrees = repository
      .git("worktree", "list", "--porcelain")
      .split("\n")
      .filter((line) => line.startsWith("worktree "));
    expect(worktrees.slice(1).sort()).toEqual(items.map(({ path }) => `worktree ${path}`).sort());
  });

  test("two steps that begin at once get the same workspace", async () => {
    const repository = places.repository();
    const seen: (string | undefined)[] = [];
    const server = await start(({ workspace }) => {
      seen.push(workspace?.path);
      return done();
    });
    await server.addAgent("worker");
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task", steps: [{ id: "a" }, { id: "b" }, { id: "c" }] });
    await server.until(id, "completed");
    expect([seen.length, new Set(seen).size]).toEqual([3, 1]);
  });

  test("many tasks that begin at once on one repository each get a work tree, with all that is in it", async () => {
    const repository = places.repository();
    const server = await start(writing("new.txt", "new\n"));
    await server.addAgent("worker");
    const ids = Array.from({ length: 16 }, (_, at) => `task-${at}`);
    await Promise.all(ids.map((id) => server.submit({ id, description: "Work.", repository: repository.path, workspace: "task" })));
    for (const id of ids) expect(await server.until(id, "completed", "failed")).toMatchObject({ status: "completed" });
    const { items } = await listWorkspaces(server, EVERYWHERE, all);
    expect(items.map(({ path }) => readFileSync(join(path, "src/one.txt"), "utf8"))).toEqual(ids.map(() => "1\n2\n3\n"));
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(ids.length + 1);
  });

  test("a task that wants a workspace and names no repository is refused, and says what is missing", async () => {
    const server = await start(() => done());
    await expect(server.submit({ description: "Work.", workspace: "task" })).rejects.toMatchObject({ code: "bad_input", issues: [{ path: "body.workspace" }] });
    await expect(server.submit({ description: "Work.", workspace: "task", repository: places.directory })).rejects.toMatchObject({
      code: "bad_input",
      issues: [{ path: "body.repository", message: expect.stringContaining("no git repository") }],
    });
    await expect(server.submit({ description: "Work.", repository: "x", steps: [{ id: "a", workspace: "agent" }] })).rejects.toMatchObject({
      issues: [{ path: "body.repository", message: expect.stringContaining("absolute") }],
    });
  });

  test("a workspace whose work has not landed is kept; removed by force, all that was in it is held by its ref", async () => {
    const repository = places.repository({ "a.txt": "a\n", ".gitignore": "ignored/\n" });
    const server = await start(({ workspace }) => {
      const path = workspace?.path ?? "";
      writeFile(path, "a.txt", "staged\n");
      gitIn(path, "add", "a.txt");
      writeFile(path, "a.txt", "edited\n");
      writeFile(path, "new/file.txt", "new\n");
      writeFile(path, "ignored/cache", "cached\n");
      writeFile(path, "lost.txt", "committed and reset away\n");
      gitIn(path, "add", "lost.txt");
      gitIn(path, "commit", "-q", "-m", "Lose it", "lost.txt");
      gitIn(path, "reset", "-q", "--soft", "HEAD~1");
      gitIn(path, "rm", "-q", "--cached", "lost.txt");
      rmSync(join(path, "lost.txt"));
      return done();
    });
    await server.addAgent("worker");
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task" });
    await server.until(id, "completed");
    const { path } = await getWorkspace(server, id);
    await expect(removeWorkspace(server, id, { force: false }, "")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("has not landed"),
    });
    expect(existsSync(path)).toBe(true);
    const removed = await removeWorkspace(server, id, { force: true }, "");
    expect(removed).toMatchObject({ state: "removed", reason: expect.stringContaining("ignored/") });
    expect(existsSync(path)).toBe(false);
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(1);
    repository.git("reflog", "expire", "--expire=now", "--all");
    repository.git("gc", "-q", "--prune=now");
    const ref = removed.snapshot?.ref ?? "";
    expect(repository.git("show", `${ref}:a.txt`)).toBe("edited");
    expect(repository.git("show", `${ref}:new/file.txt`)).toBe("new");
    const contents = repository
      .git("rev-list", "--objects", ref)
      .split("\n")
      .map((line) => line.split(" ")[0] ?? "")
      .filter((object) => repository.git("cat-file", "-t", object) === "blob")
      .map((blob) => repository.git("cat-file", "blob", blob));
    expect(contents).toEqual(expect.arrayContaining(["staged", "edited", "new", "committed and reset away"]));
  });

  test("a workspace whose work has landed, or in which nothing was changed, is removed without force", async () => {
    const repository = places.repository();
    const server = await start(({ workspace, taskId }) => {
      if (taskId === "changing") writeFile(workspace?.path ?? "", "new.txt", "new\n");
      return done();
    });
    await server.addAgent("worker");
    for (const id of ["changing", "idle"]) {
      await server.submit({ id, description: "Work.", repository: repository.path, workspace: "task" });
      await server.until(id, "completed");
    }
    expect(await removeWorkspace(server, "idle", { force: false }, "")).toMatchObject({ state: "removed" });
    const row = await getWorkspaceRow(server, "changing");
    const { tree, head } = await snapshotWorkspace(server, row, "To land");
    const commit = repository.git("commit-tree", tree, "-p", head, "-m", "Change");
    await server.db.transaction(async (tx) => server.events.append(tx, await markLanded(server, tx, row.id, commit, "main")));
    expect(await getWorkspace(server, "changing")).toMatchObject({ state: "ready", landed: { commit } });
    expect(await removeWorkspace(server, "changing", { force: false }, "")).toMatchObject({ state: "removed", landed: { commit } });
    const { items } = await server.events.list({ limit: 500, type: "workspace.*" });
    expect(items.map(({ type, taskId }) => [type, taskId])).toEqual([
      ["workspace.created", "changing"],
      ["workspace.created", "idle"],
      ["workspace.removed", "idle"],
      ["workspace.landed", "changing"],
      ["workspace.removed", "changing"],
    ]);
  });

  test("a workspace in which somebody works is not removed", async () => {
    const repository = places.repository();
    const server = await start((_work, { signal }) => untilAborted(signal));
    await server.addAgent("worker");
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task" });
    for await (const events of server.events.follow({ after: 0, filter: { taskId: id }, signal: AbortSignal.timeout(60_000) }))
      if (events.some((event) => event.type === "workspace.created")) break;
    await expect.poll(async () => (await getWorkspace(server, id)).attempts.length).toBe(1);
    await expect(removeWorkspace(server, id, { force: true }, "")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Somebody works in"),
    });
  });

  test("a repository inside of a workspace keeps it from being removed", async () => {
    const repository = places.repository();
    const server = await start(({ workspace }) => {
      const inner = join(workspace?.path ?? "", "vendor", "inner");
      mkdirSync(inner, { recursive: true });
      gitIn(inner, "init", "-q");
      writeFile(inner, "precious.txt", "precious\n");
      return done();
    });
    await server.addAgent("worker");
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task" });
    await server.until(id, "completed", "failed");
    const { path } = await getWorkspace(server, id);
    await expect(removeWorkspace(server, id, { force: true }, "")).rejects.toMatchObject({ message: expect.stringContaining("vendor/inner") });
    expect(readFileSync(join(path, "vendor/inner/precious.txt"), "utf8")).toBe("precious\n");
    expect(await getWorkspace(server, id)).toMatchObject({ state: "ready" });
  });

  test("what a server left half made is cleared away, what it had begun to remove is removed, and what is on the disk alone is taken in", async () => {
    const repository = places.repository();
    const server = await start(writing("new.txt", "new\n"));
    await server.addAgent("worker");
    const ids = ["half", "removing", "unknown", "vanished"];
    for (const id of ids) {
      await server.submit({ id, description: "Work.", repository: repository.path, workspace: "task" });
      await server.until(id, "completed");
    }
    const before = await Promise.all(ids.map((id) => getWorkspace(server, id)));
    await server.db.transaction(async (tx) => {
      await tx.run(sql`update workspaces set state = 'creating', worker = 'dead' where task_id = 'half'`);
      await tx.run(sql`update workspaces set state = 'removing', worker = 'dead' where task_id = 'removing'`);
      await tx.run(sql`delete from workspaces where task_id = 'unknown'`);
    });
    const vanished = before[3]?.path ?? "";
    writeFile(vanished, "staged.txt", "staged only\n");
    gitIn(vanished, "add", "staged.txt");
    rmSync(vanished, { recursive: true });
    await recoverWorkspaces(server);
    const after = await Promise.all(ids.map((id) => getWorkspace(server, id)));
    expect(after.map(({ state }) => state)).toEqual(["removed", "removed", "ready", "lost"]);
    expect(after[2]).toMatchObject({ id: before[2]?.id, path: before[2]?.path, branch: "baton/unknown" });
    expect(repository.git("show", `${after[1]?.snapshot?.ref}:new.txt`)).toBe("new");
    expect(repository.git("show", `${after[3]?.snapshot?.ref}:new.txt`)).toBe("new");
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(3);
    expect(await removeWorkspace(server, "vanished", { force: false }, "")).toMatchObject({ state: "removed" });
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(2);
    expect(repository.git("show", `${after[3]?.snapshot?.ref}:staged.txt`)).toBe("staged only");
    expect(repository.git("show", `${after[3]?.snapshot?.ref}^2:new.txt`)).toBe("new");
  });
});
