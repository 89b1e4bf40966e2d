// What a server that died left: workspaces half made are cleared away, removals are finished, and rows and disk are made to agree. Work trees of ours
// that no row knows, because the rows are from an older copy of the store, are taken in again.
import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { resumeRollback } from "./rollback.ts";
import { finish } from "./remove-workspace.ts";
import { findRepository } from "./repository.ts";
import { discard, MARKER } from "./create-workspace.ts";
import { needsOf } from "./needs.ts";
import {
  type FoundWorkspace,
  insertWorkspace,
  keepRepository,
  moveWorkspace,
  selectAllPresent,
  selectLiveServers,
  selectWorkspace,
  type NewWorkspace,
} from "./workspace-rows.ts";
import { tellNews } from "./news.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";
import { gitDirOf } from "./worktree.ts";

/** @param isStarting what has commands to run, which may take long, is left for the next time. */
export async function recoverWorkspaces(world: WorkspacesWorld, isStarting = false): Promise<void> {
  const live = await selectLiveServers(world.db, world.clock.now());
  const rows = await selectAllPresent(world.db);
  for (const row of rows) {
    const isOurs = row.server === world.workspaces.serverName;
    const isLeft = row.worker === null || !live.has(row.worker);
    if (isStarting && (needsOf(row)?.tearDown ?? []).length > 0) continue;
    try {
      if (row.state === "creating" && isLeft && isOurs) await clearAway(world, row);
      else if (row.state === "restoring" && isLeft && isOurs) await resumeRollback(world, row);
      else if (row.state === "removing" && isLeft && isOurs) await finish(world, row);
      else if (row.state === "ready" && isOurs && !(await isThere(row))) await markLost(world, row);
      else if (row.state === "lost" && (await isThere(row))) await takeBack(world, row);
    } catch (error) {
      world.log.warn({ err: error, workspaceId: row.id }, "a workspace could not be recovered; it is tried again");
    }
  }
  await adoptUnknown(world, new Set(rows.map((row) => row.path)));
}
/** On this machine. */
export const isThere = async ({ path }: Pick<FoundWorkspace, "path">): Promise<boolean> => {
  const gitDir = await gitDirOf(path).catch(() => undefined);
  return gitDir !== undefined && (await realpath(gitDir).catch(() => undefined)) !== undefined;
};
/** Nobody has worked in it. */
const clearAway = (world: WorkspacesWorld, row: FoundWorkspace): Promise<void> =>
  discard(world, row, row.common_dir, row.repository_path, "Its server ended while it was being made.");
export async function markLost(world: WorkspacesWorld, row: FoundWorkspace): Promise<void> {
  const reason = "Its directory is gone, or no work tree any more; its snapshot holds what was known of it.";
  await world.db.transaction(async (tx) => {
    if (!(await moveWorkspace(tx, row.id, "ready", { state: "lost", reason, worker: null }))) return;
    tellNews(world, tx, "workspace.lost", row, { reason });
  });
  world.events.committed();
}
/** It is there again, and no other has taken its place. */
async function takeBack(world: WorkspacesWorld, row: FoundWorkspace): Promise<void> {
  const others = await selectAllPresent(world.db);
  const isTaken = others.some(
    (other) =>
      other.id !== row.id && other.state !== "lost" && other.repository_id === row.repository_id && other.kind === row.kind && ownerOf(other) === ownerOf(row),
  );
  if (!isTaken)
    await world.db.transaction((tx) => moveWorkspace(tx, row.id, "lost", { state: "ready", reason: "It takes work; it was gone for a while.", worker: null }));
}
const ownerOf = (row: FoundWorkspace): string | null => (row.kind === "task" ? row.task_id : row.agent_id);

async function adoptUnknown(world: WorkspacesWorld, known: ReadonlySet<string>): Promise<void> {
  const { directory } = world.workspaces;
  for (const folder of await namesIn(directory)) {
    for (const name of await namesIn(join(directory, folder))) {
      const path = join(directory, folder, name);
      if (known.has(path)) continue;
      const marker = await readMarker(path);
      if (marker === undefined || (await selectWorkspace(world.db, marker.id))) continue;
      await adopt(world, path, marker).catch((error: unknown) => world.log.warn({ err: error, path }, "a work tree that no row knows could not be taken in"));
    }
  }
}
const namesIn = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);
async function readMarker(path: string): Promise<NewWorkspace | undefined> {
  const gitDir = await gitDirOf(path).catch(() => undefined);
  const text = gitDir === undefined ? undefined : await readFile(join(gitDir, MARKER), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as NewWorkspace);
}
async function adopt(world: WorkspacesWorld, path: string, marker: NewWorkspace): Promise<void> {
  const at = await findRepository(world.git, path, "path");
  const repository = { id: world.newId(), common_dir: at.commonDir, path: at.path, created_at: world.clock.now() };
  await world.db.transaction(async (tx) => {
    const { id: repository_id } = await keepRepository(tx, repository);
    const state = { state: "ready", reason: "It takes work; it was found on the disk, and no row knew of it.", worker: null };
    await insertWorkspace(tx, { ...marker, needs: marker.needs ?? null, ...state, repository_id, path, server: world.workspaces.serverName });
  });
}
