// The radar: watches the work trees on this machine whose work has not landed, reads those that changed, and holds them against the others of their
// repository. While nothing changes, nothing is read; what changes all the time is read once a round, and between rounds the machine is left alone.
//
// From an edit to its conflict it takes the quiet, what is left of the pause, and reading what changed (some 50 ms a tree). Not seen: what git ignores, and
// overlaps of work trees on different machines.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "@baton/contract";
import { openBell, pause } from "./bell.ts";
import { dropObjects, readChanges } from "./change-set.ts";
import { compareChanges } from "./compare.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { keepFinding, toPair } from "./keep-conflict.ts";
import { keyOf, lookAround, watch } from "./look-around.ts";
import { dropTree, NOTHING, type Screen, type Tree } from "./screen.ts";
import { tellAgents } from "./tell-agents.ts";

export interface Radar {
  /** What the work trees of a repository hold that has not landed, as they were read last. */
  changesIn(repository: string): { workspaceId: string; paths: string[] }[];
  close(): Promise<void>;
}
/** Writers seldom write once. */
const QUIET_MS = 300;
/** After a round: twice as long as it took, within these. */
const [LEAST_PAUSE_MS, MOST_PAUSE_MS] = [1000, 3000];
const LOOK_MS = 20_000;

export async function openRadar(world: ConflictsWorld): Promise<Radar> {
  const scratch = await mkdtemp(join(tmpdir(), "baton-conflicts-"));
  const screen: Screen = { trees: new Map(), findings: new Map(), scratch, bell: openBell() };
  const stopping = new AbortController();
  const { signal } = stopping;
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
    if (world.conflictPolicy === "tell") await tellAgents(world);
  }
  async function follow(type: string): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const _ of world.events.follow({ filter: { type }, signal })) {
          lookAt = 0;
          screen.bell.ring();
        }
        return;
      } catch (error) {
        world.log.warn({ error: String(error) }, "the log could not be followed for work trees; it is tried again");
        await pause(LOOK_MS, signal);
      }
    }
  }
  // Whatever comes to work in one makes a checkpoint first.
  const running = Promise.all([run(), follow("workspace.*"), follow("checkpoint.*")]);
  return {
    changesIn: (repository) =>
      [...screen.trees.values()].flatMap(({ row, changes }) =>
        changes === undefined || row.repository_path !== repository ? [] : [{ workspaceId: row.id, paths: [...changes.files.keys()] }],
      ),
    close: async () => {
      stopping.abort();
      screen.bell.ring();
      await running;
      for (const tree of screen.trees.values()) await dropTree(screen, tree);
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** And holds it against the others. What cannot be read now is read at a later look. */
async function read(world: ConflictsWorld, screen: Screen, tree: Tree): Promise<void> {
  tree.isDirty = false;
  tree.readAt = world.clock.now();
  const before = tree.changes;
  try {
    if (tree.isOutgrown) await watch(world, screen, tree);
    const changes = await readChanges(world, tree.row, screen.scratch, before);
    if (changes === before) return;
    tree.changes = changes;
    await compareWithOthers(world, screen, tree);
  } catch (error) {
    if (tree.changes && tree.changes !== before) await dropObjects(tree.changes.directory);
    tree.changes = undefined;
    const fields = { error: String(error), workspaceId: tree.row.id };
    if (error instanceof Refusal) world.log.info(fields, "a work tree could not be read for conflicts; it is tried again");
    else world.log.warn(fields, "a work tree could not be held against others; it is tried again");
  }
  if (before) await dropObjects(before.directory);
}
async function compareWithOthers(world: ConflictsWorld, { trees, findings }: Screen, tree: Tree): Promise<void> {
  const one = { row: tree.row, changes: tree.changes as NonNullable<Tree["changes"]> };
  for (const { row, changes } of trees.values()) {
    if (row.id === tree.row.id || changes === undefined || row.repository_id !== tree.row.repository_id) continue;
    const pair = toPair(tree.row.id, row.id);
    const files = await compareChanges(world, one, { row, changes });
    const found = JSON.stringify(files);
    if (found === (findings.get(keyOf(pair)) ?? NOTHING)) continue;
    await keepFinding(world, { ...pair, repositoryId: row.repository_id, secondId: tree.row.id, files });
    findings.set(keyOf(pair), found);
  }
}
