// Removing a workspace: never while somebody works in it, never before a snapshot holds what is in it, and by itself never before its work has landed.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal, type Workspace } from "@baton/contract";
import { leasePorts } from "./ports.ts";
import { keepWithoutFiles } from "./snapshot.ts";
import { snapshotWorkspace } from "./snapshot-workspace.ts";
import { getWorkspace, getWorkspaceRow } from "./to-workspace.ts";
import { type FoundWorkspace, lockWorkspace, moveWorkspace, selectInside } from "./workspace-rows.ts";
import { environmentOf, tearDown } from "./needs.ts";
import { nestedRepositories } from "./nested-repositories.ts";
import { tellNews } from "./news.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { findGitDir, gitDirOf, removeWorktree } from "./worktree.ts";

/** @throws Refusal `conflict` while it is used, when its work has not landed and `force` is not given, and when not all of it can be kept. */
export async function removeWorkspace(world: WorkspacesWorld, idOrTask: string, { force }: { force: boolean }, worker: string): Promise<Workspace> {
  const row = await getWorkspaceRow(world, idOrTask);
  if (row.state === "lost") await forget(world, row);
  else {
    if (!force && row.landed_at === null && (await hasWork(world, row)))
      throw new Refusal("conflict", `The work in ${row.path} has not landed. With force it is removed all the same, and kept by its snapshot only.`);
    await begin(world, row, worker);
    await finish(world, row).catch(async (error: unknown) => {
      // Whatever is in the way: it is there as it was, and takes work.
      const back = { state: "ready", reason: "It takes work; it could not be removed.", worker: null };
      if (await gitDirOf(row.path).then(Boolean, () => false)) await world.db.transaction((tx) => moveWorkspace(tx, row.id, "removing", back));
      throw error;
    });
  }
  return getWorkspace(world, row.id);
}
/** Something in it is not what it began from. */
async function hasWork({ git }: WorkspacesWorld, { path, base_commit }: FoundWorkspace): Promise<boolean> {
  const [head, status] = await Promise.all([
    git.run({ cwd: path, args: ["rev-parse", "--verify", "--quiet", "HEAD"] }),
    git.run({ cwd: path, args: ["status", "--porcelain", "-z", "--untracked-files=normal"] }),
  ]);
  return head.stdout.trim() !== base_commit || status.code !== 0 || status.stdout !== "";
}
async function begin(world: WorkspacesWorld, row: FoundWorkspace, worker: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    const locked = await lockWorkspace(tx, row.id);
    if (locked?.state !== "ready") throw new Refusal("conflict", `The workspace ${row.id} is ${locked?.state ?? "gone"}; only one that is ready is removed.`);
    const inside = await selectInside(tx, [row.id], world.clock.now());
    if (inside.length > 0)
      throw new Refusal(
        "conflict",
        `Somebody works in the workspace ${row.id}: attempt ${inside.map((one) => one.attempt_id).join(", ")}. Cancel it first, or wait.`,
      );
    await moveWorkspace(tx, row.id, "ready", { state: "removing", reason: "Its snapshot is being made.", worker });
  });
}
/** What was begun, also by a server that died meanwhile. */
export async function finish(world: WorkspacesWorld, row: FoundWorkspace): Promise<void> {
  const { git } = world;
  const gitDir = await gitDirOf(row.path).catch(() => undefined);
  let ignored: string[] = [];
  // Without it, git has taken it down already, after its snapshot.
  if (gitDir !== undefined) {
    const nested = await nestedRepositories(row.path);
    if (nested.length > 0)
      throw new Refusal("conflict", `There are repositories inside of ${row.path} that no snapshot can hold: ${nested.join(", ")}. Move them elsewhere first.`);
    ignored = (await git.text({ cwd: row.path, args: ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"] }))
      .split("\0")
      .filter(Boolean);
    await snapshotWorkspace(world, row, "Before it is removed", { more: await onlyInReflog(gitDir, world, { cwd: row.path }) });
  }
  const ports = await leasePorts(world, row.id, 0);
  const failed =
    gitDir === undefined
      ? undefined
      : await tearDown(world, { row, environment: environmentOf(row, row.repository_path, ports), signal: world.workspaces.ending });
  await removeWorktree(git, row.common_dir, row.path);
  const said =
    ignored.length === 0
      ? "all that was in it"
      : `all that was in it but what is ignored (${ignored.slice(0, 10).join(", ")}${ignored.length > 10 ? ", …" : ""})`;
  await end(world, row, "removing", `It was removed; its snapshot holds ${said}.${failed === undefined ? "" : ` Tearing it down did not go well: ${failed}.`}`);
}
/** What git still knows of it is kept, too. */
async function forget(world: WorkspacesWorld, row: FoundWorkspace): Promise<void> {
  if (await gitDirOf(row.path).then(Boolean, () => false)) throw new Refusal("conflict", `The workspace ${row.id} is there again; it takes work in a moment.`);
  const gitDir = await findGitDir(row.common_dir, row.path);
  if (gitDir !== undefined) {
    const more = await onlyInReflog(gitDir, world, { cwd: row.common_dir, environment: { GIT_DIR: gitDir } });
    await keepWithoutFiles(world.git, { workspaceId: row.id, commonDir: row.common_dir, gitDir, message: "After it was lost", more });
    await removeWorktree(world.git, row.common_dir, row.path);
  }
  await end(world, row, "lost", `It was removed after it was lost; its snapshot holds what was known of it.`);
}
async function end(world: WorkspacesWorld, row: FoundWorkspace, from: string, reason: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    if (!(await moveWorkspace(tx, row.id, from, { state: "removed", reason, worker: null, removed_at: world.clock.now() }))) return;
    tellNews(world, tx, "workspace.removed", row, { reason });
  });
  world.events.committed();
}

/** Commits that were checked out in it and are in no branch any more: after an amend, a reset, a rebase. Its reflog goes with it. */
async function onlyInReflog(gitDir: string, { git }: WorkspacesWorld, within: { cwd: string; environment?: Record<string, string> }): Promise<string[]> {
  const text = await readFile(join(gitDir, "logs", "HEAD"), "utf8").catch(() => "");
  const all = [...new Set(text.split("\n").flatMap((line) => line.split(" ").slice(0, 2)))].filter((one) => /^[0-9a-f]{40,64}$/.test(one) && !/^0+$/.test(one));
  if (all.length === 0) return [];
  const tips = await git.run({ ...within, args: ["rev-list", "--stdin", "--ignore-missing", "--not", "HEAD"], stdin: `${all.join("\n")}\n` });
  const gone = new Set(tips.stdout.trim().split("\n").filter(Boolean));
  return all.filter((one) => gone.has(one));
}
