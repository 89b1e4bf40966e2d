// Which work trees there are: new ones are watched and read, and what is told of those that are no longer live is ended. Also the slow look that hints which
// were lost do not escape.
import { type FoundWorkspace, listIgnored, listLiveHere } from "../workspaces/workspaces.ts";
import { dropObjects } from "./change-set.ts";
import { type Pair, selectEnded, selectStanding } from "./conflict-rows.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { endConflict } from "./keep-conflict.ts";
import { dropTree, NOTHING, type Screen, type Tree, UNKNOWN } from "./screen.ts";
import { watchTree } from "./watch-tree.ts";

/** Of trees that are not watched, and of those that could not be read. */
const UNWATCHED_MS = 20_000;
/** Of trees that are: what a watch missed. */
const WATCHED_MS = 300_000;

export const keyOf = ({ a_id, b_id }: Pair): string => `${a_id} ${b_id}`;

export async function lookAround(world: ConflictsWorld, screen: Screen): Promise<void> {
  const { trees } = screen;
  const live = await listLiveHere(world);
  const ids = new Set(live.map(({ id }) => id));
  for (const tree of trees.values()) if (!ids.has(tree.row.id)) await dropTree(screen, tree);
  for (const row of live) {
    const known = trees.get(row.id);
    if (known) known.row = row;
    else trees.set(row.id, await openTree(world, screen, row));
  }
  await agreeWithRows(world, screen, [...ids]);
  const now = world.clock.now();
  for (const tree of trees.values()) tree.isDirty ||= isDue(tree, now);
  for (const pair of await selectEnded(world.db)) await endConflict(world, pair);
}
/** To be read, although nobody has told of a change. Pure. */
export const isDue = ({ changes, watch, readAt }: Pick<Tree, "changes" | "watch" | "readAt">, now: number): boolean =>
  now - readAt >= (watch === undefined || changes === undefined ? UNWATCHED_MS : WATCHED_MS);
async function openTree(world: ConflictsWorld, screen: Screen, row: FoundWorkspace): Promise<Tree> {
  const tree: Tree = { row, watch: undefined, isOutgrown: false, isDirty: true, readAt: 0, isCompared: false, changes: undefined };
  await watch(world, screen, tree);
  return tree;
}
/** Anew, where it was before: then it knows all directories that are there. To be followed by reading it. */
export async function watch(world: ConflictsWorld, { bell }: Screen, tree: Tree): Promise<void> {
  await tree.watch?.close();
  tree.isOutgrown = false;
  const { path } = tree.row;
  tree.watch = await watchTree(world.log, {
    path,
    ignore: await listIgnored(world, path),
    changed: (hasNew) => {
      tree.isDirty = true;
      tree.isOutgrown ||= hasNew;
      bell.ring();
    },
    failed: () => void (tree.watch = undefined),
  });
}
/** Rows are written by every server, and by people who resolve. */
async function agreeWithRows({ db }: ConflictsWorld, { trees, findings }: Screen, ids: readonly string[]): Promise<void> {
  const standing = new Set((await selectStanding(db, ids)).map(keyOf));
  for (const key of standing) if (!findings.has(key)) findings.set(key, UNKNOWN);
  for (const [key, found] of findings) {
    if (found === NOTHING || standing.has(key)) continue;
    // It was ended meanwhile, and both are live again: they are held against each other anew.
    findings.delete(key);
    for (const id of key.split(" ")) {
      const tree = trees.get(id);
      if (tree?.changes) await dropObjects(tree.changes.directory);
      if (tree) Object.assign(tree, { changes: undefined, isDirty: true });
    }
  }
}
