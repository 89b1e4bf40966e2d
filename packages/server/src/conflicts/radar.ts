// The radar: watches the work trees on this machine whose work has not landed, reads those that changed, and holds them against the others of their
// repository. While nothing changes, nothing is read; what changes all the time is read once a round, and between rounds the machine is left alone.
//
// From an edit to its conflict it takes the quiet, what is left of the pause, and reading what changed (some 50 ms a tree). Not seen: what git ignores, and
// overlaps of work trees on different machines.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OverlappingFile, Refusal } from "@baton/contract";
import type { Git } from "../workspaces/git.ts";
import { openBell, pause } from "./bell.ts";
import { type ChangeSet, dropObjects, readChanges } from "./change-set.ts";
import { compareChanges } from "./compare.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { keepFinding, toPair } from "./keep-conflict.ts";
import { keyOf, lookAround, watch } from "./look-around.ts";
import { dropTree, NOTHING, type Screen, type Tree } from "./screen.ts";
import { tellAgents } from "./tell-agents.ts";

export interface Radar {
  /** What the work trees of a repository hold that has not landed, as they were read last. Those that were read before `since` are read anew soon. */
  changesIn(repository: string, since?: number): { workspaceId: string; paths: string[]; readAt: number }[];
  close(): Promise<void>;
}
/** Writers seldom write once. */
const QUIET_MS = 300;
/** After a round: twice as long as it took, within these. */
const [LEAST_PAUSE_MS, MOST_PAUSE_MS] = [1000, 3000];
/** By three short queries: following the log would have every server read all of it, whatever it is about. */
const LOOK_MS = 5000;

export async function openRadar(given: ConflictsWorld): Promise<Radar> {
  const scratch = await mkdtemp(join(tmpdir(), "baton-conflicts-"));
  const screen: Screen = { trees: new Map(), findings: new Map(), scratch, bell: openBell() };
  const stopping = new AbortController();
  const { signal } = stopping;
  const world: ConflictsWorld = { ...given, git: endingWith(signal, given.git) };
  let lookAt = 0;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await screen.bell.wait(Math.max(0, lookAt - world.clock.now()));
      await pause(QUIET_MS, signal);
      const began = world.clock.now();
      await turn().catch((error: unknown) => world.log.warn({ err: error }, "conflicts could not be looked for; the next look follows"));
      await pause(Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, 2 * (world.clock.now() - began))), signal);
    }
  }
  async function turn(): Promise<void> {
    if (signal.aborted) return;
    if (world.clock.now() >= lookAt) {
      lookAt = world.clock.now() + LOOK_MS;
      await lookAround(world, screen);
    }
    // Those that have waited longest come first.
    for (const tree of [...screen.trees.values()].filter(({ isDirty }) => isDirty).sort((one, other) => one.readAt - other.readAt))
      if (!signal.aborted) await read(world, screen, tree);
    if (world.conflictPolicy !== "warn") await tellAgents(world);
  }
  const running = run();
  return {
    changesIn: (repository, since = 0) =>
      [...screen.trees.values()].flatMap((tree) => {
        if (tree.row.repository_path !== repository) return [];
        if (tree.readAt < since) again(screen, tree);
        return tree.changes === undefined ? [] : [{ workspaceId: tree.row.id, paths: [...tree.changes.files.keys()], readAt: tree.readAt }];
      }),
    close: async () => {
      stopping.abort();
      screen.bell.ring();
      await running;
      for (const tree of screen.trees.values()) await dropTree(screen, tree);
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A server that stops waits for no git that reads a large repository. */
const endingWith = (signal: AbortSignal, { run, text, line }: Git): Git => ({
  run: (call) => run({ signal, ...call }),
  text: (call) => text({ signal, ...call }),
  line: (call) => line({ signal, ...call }),
});
/** And holds it against the others. What cannot be read now is read at a later look. */
async function read(world: ConflictsWorld, screen: Screen, tree: Tree): Promise<void> {
  tree.isDirty = false;
  try {
    if (tree.isOutgrown) await watch(world, screen, tree);
    await refresh(world, screen, tree);
    if (!tree.isCompared) await compareWithOthers(world, screen, tree);
  } catch (error) {
    if (tree.changes) await dropObjects(tree.changes.directory);
    Object.assign(tree, { changes: undefined, isCompared: false });
    const fields = { error: String(error), workspaceId: tree.row.id };
    if (error instanceof Refusal) world.log.info(fields, "a work tree could not be read for conflicts; it is tried again");
    else world.log.warn(fields, "a work tree could not be held against others; it is tried again");
  }
}
function again({ bell }: Screen, tree: Tree): void {
  tree.isDirty = true;
  bell.ring();
}
async function refresh(world: ConflictsWorld, { scratch }: Screen, tree: Tree): Promise<ChangeSet> {
  tree.readAt = world.clock.now();
  const before = tree.changes;
  const changes = await readChanges(world, tree.row, scratch, before);
  if (changes === before) return changes;
  Object.assign(tree, { changes, isCompared: false });
  if (before) await dropObjects(before.directory);
  return changes;
}
async function compareWithOthers(world: ConflictsWorld, screen: Screen, tree: Tree): Promise<void> {
  const { findings } = screen;
  const one = { row: tree.row, changes: tree.changes as ChangeSet };
  for (const other of screen.trees.values()) {
    const { row, changes } = other;
    if (row.id === tree.row.id || changes === undefined || row.repository_id !== tree.row.repository_id) continue;
    const pair = toPair(tree.row.id, row.id);
    const isKnown = (files: OverlappingFile[]): boolean => JSON.stringify(files) === (findings.get(keyOf(pair)) ?? NOTHING);
    if (isKnown(await compareChanges(world, one, { row, changes }))) continue;
    // What is told is of both as they are now: what another server has seen since must not be undone.
    const fresh = await refresh(world, screen, other);
    if (!other.isCompared) again(screen, other);
    const files = await compareChanges(world, one, { row, changes: fresh });
    if (isKnown(files)) continue;
    const seenAt = Math.min(tree.readAt, other.readAt);
    if (await keepFinding(world, { ...pair, repositoryId: row.repository_id, secondId: tree.row.id, files, seenAt }))
      findings.set(keyOf(pair), JSON.stringify(files));
    else again(screen, tree);
  }
  tree.isCompared = !tree.isDirty;
}
