// What workspaces are given before somebody works in them, and when they go by themselves: set-up and tear-down, ports, disk, retention.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { done } from "../tasks/tasks.testkit.ts";
import { submitUnparsed } from "../tasks/tasks.ts";
import { retireOld } from "./retire.ts";
import { sql } from "../store/sql.ts";
import { getWorkspace, getWorkspaceRow, listRuns, markLanded, removeWorkspace } from "./workspaces.ts";
import { freshStores, openTestPlaces, startingServers, writeFile } from "./workspaces.testkit.ts";

const places = openTestPlaces();

describe.each(await freshStores())("what workspaces need on %s", (_, freshStore) => {
  const start = startingServers(freshStore);
  const shell = (line: string, more: object = {}) => ({ command: "sh", args: ["-c", line], ...more });
  const withNeeds = (workspace: object, files: Record<string, string> = {}) =>
    places.repository({ "a.txt": "a\n", ".gitignore": "made/\n", "baton.yaml": JSON.stringify({ workspace }), ...files });

  test("what baton.yaml names sets a workspace up before anybody works there, and tears it down before it goes; its ports are its own while it is there", async () => {
    const outside = join(places.directory, `torn-down-${places.unique()}`);
    const repository = withNeeds({
      ports: 2,
      environment: { STAGE: "test" },
      setUp: [shell('mkdir made && echo "$STAGE $PORT $BATON_PORT_2 $BATON_BRANCH" > made/env && echo it is made')],
      tearDown: [shell(`cat made/env > '${outside}'`), shell("echo cannot; exit 3")],
    });
    const seen: (string | undefined)[] = [];
    const server = await start(({ workspace }) => {
      seen.push(readFileSync(join(workspace?.path ?? "", "made/env"), "utf8").trim());
      const { STAGE, PORT, BATON_PORT_1, BATON_PORT_2, BATON_BRANCH } = workspace?.environment ?? {};
      seen.push([STAGE, PORT, BATON_PORT_2, BATON_BRANCH].join(" "), String(PORT === BATON_PORT_1));
      return done();
    });
    await server.addAgent("worker");
    const unnamed = { description: "Work.", repository: repository.path, workspace: "task" as const };
    await expect(submitUnparsed(server, unnamed)).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("the right host") });
    for (const id of ["one", "two"]) {
      await server.submit({ id, description: "Work.", repository: repository.path, workspace: "task" });
      await server.until(id, "completed");
    }
    const [one, two] = [await getWorkspace(server, "one"), await getWorkspace(server, "two")];
    expect(new Set([...one.ports, ...two.ports]).size).toBe(4);
    expect(seen).toEqual([one, two].flatMap(({ ports, branch }) => [`test ${ports.join(" ")} ${branch}`, `test ${ports.join(" ")} ${branch}`, "true"]));
    expect((await listRuns(server, one)).items).toMatchObject([{ phase: "setUp", ok: true, how: "ended with code 0", said: "it is made\n" }]);
    const removed = await removeWorkspace(server, "one", { force: false }, "");
    expect(removed).toMatchObject({ state: "removed", ports: [], reason: expect.stringContaining("ended with code 3") });
    expect(readFileSync(outside, "utf8").trim()).toBe(seen[0]);
    expect((await listRuns(server, one)).items.map(({ phase, ok, said }) => [phase, ok, said])).toEqual([
      ["setUp", true, "it is made\n"],
      ["tearDown", true, ""],
      ["tearDown", false, "cannot\n"],
    ]);
    const held = await server.db.all<{ port: number }>(sql`select port from workspace_ports order by port`);
    expect(held.map(({ port }) => port)).toEqual(two.ports);
  });

  test("a step whose workspace cannot be set up in time is not begun, and says why; nothing is left of it, and what was begun is torn down", async () => {
    const outside = join(places.directory, `torn-down-${places.unique()}`);
    const repository = withNeeds({
      ports: 1,
      setUp: [shell("echo before"), shell("echo so far; exec sleep 600", { timeoutMs: 300 }), shell("echo never")],
      tearDown: [shell(`touch '${outside}'`)],
    });
    let begun = 0;
    const server = await start(() => {
      begun++;
      return done();
    });
    await server.addAgent("worker");
    const id = await server.submit({ description: "Work.", repository: repository.path, workspace: "task" });
    const task = await server.until(id, "failed");
    expect(JSON.stringify(task.failure)).toMatch(/set-up failed: sh -c .*was not done after 300 ms.*so far/);
    expect(begun).toBe(0);
    const workspace = await getWorkspace(server, id);
    expect(workspace).toMatchObject({ state: "removed", ports: [], reason: expect.stringContaining("was not done after 300 ms") });
    expect((await listRuns(server, workspace)).items.map(({ said }) => said.split("\n")[0])).toEqual(["before", "so far", ""]);
    expect([existsSync(workspace.path), existsSync(outside)]).toEqual([false, true]);
    expect(repository.git("worktree", "list").split("\n")).toHaveLength(1);
    expect(repository.git("branch", "--list", "baton/*")).toBe("");
  });

  test("above what workspaces may take of the disk none is made, unless one that nobody needs any more makes room", async () => {
    const repository = withNeeds({ maxDiskMb: 3 });
    const server = await start(({ workspace, taskId }) => {
      writeFile(workspace?.path ?? "", taskId === "first" ? "made/large" : "large", "x".repeat(1_700_000));
      return done();
    });
    await server.addAgent("worker");
    const work = async (id: string, ...ends: ("completed" | "failed")[]) => {
      await server.submit({ id, description: "Work.", repository: repository.path, workspace: "task", steps: [{ id: "s", retries: 0 }] });
      return server.until(id, ...ends);
    };
    await work("first", "completed");
    // What is ignored is no work: the first makes room for the second, whose work has not landed.
    await work("second", "completed");
    expect(await getWorkspace(server, "first")).toMatchObject({ state: "removed" });
    const third = await work("third", "failed", "completed");
    expect(JSON.stringify(third.failure)).toMatch(/would take 4 MB, and workspace.maxDiskMb in baton.yaml allows 3/);
    expect(await getWorkspace(server, "second")).toMatchObject({
      state: "ready",
      bytes: expect.any(Number),
      keptAt: expect.any(String),
      reason: expect.stringContaining("has not landed"),
    });
  });

  test("workspaces that are not used any more are removed by themselves once their work has landed or there is none; the others are kept, and say so", async () => {
    const repository = places.repository();
    const server = await start(
      ({ workspace, taskId }) => {
        if (taskId !== "idle") writeFile(workspace?.path ?? "", "new.txt", "new\n");
        return done();
      },
      { retentionMs: -60_000 },
    );
    await server.addAgent("worker");
    for (const id of ["idle", "kept", "landed"]) {
      await server.submit({ id, description: "Work.", repository: repository.path, workspace: "task" });
      await server.until(id, "completed");
    }
    const row = await getWorkspaceRow(server, "landed");
    await server.db.transaction(async (tx) => server.events.append(tx, await markLanded(server, tx, row.id, row.base_commit, "main")));
    await retireOld(server);
    const states = await Promise.all(["idle", "kept", "landed"].map((id) => getWorkspace(server, id)));
    expect(states.map(({ state, keptAt }) => [state, keptAt !== null])).toEqual([
      ["removed", false],
      ["ready", true],
      ["removed", false],
    ]);
    expect(repository.git("show", `${states[2]?.snapshot?.ref}:new.txt`)).toBe("new");
    await retireOld(server);
    expect((await server.events.list({ limit: 500, type: "workspace.kept" })).items).toHaveLength(1);
  });
});
