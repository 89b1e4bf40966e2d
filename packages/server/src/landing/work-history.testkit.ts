// What agents do in work trees, and what servers do to these, for random histories: whatever was there before a server did something is there afterwards, or
// is held by a ref, wherever that server died.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Arbitrary, array, constant, constantFrom, integer, oneof, record } from "fast-check";
import { expect } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import {
  type AgentState,
  createCheckpoint,
  enterWorkspace,
  getCheckpointRow,
  getWorkspaceRow,
  listCheckpoints,
  openWorkspaces,
  removeWorkspace,
  rollBack,
} from "../workspaces/workspaces.ts";
import { createLanding, type LandingsWorld } from "./landing.ts";
import { gitIn } from "../workspaces/workspaces.testkit.ts";
import { type LandingServer, landingOf, operator, type TestRepository } from "./landing.testkit.ts";

const agent = constantFrom("ada", "bob");
const edit = oneof(
  { weight: 4, arbitrary: record({ kind: constant("write" as const), file: integer({ min: 0, max: 3 }), quality: constantFrom("good", "good", "bad") }) },
  { weight: 2, arbitrary: record({ kind: constant("new" as const), nth: integer({ min: 0, max: 3 }) }) },
  { weight: 1, arbitrary: record({ kind: constant("delete" as const), file: integer({ min: 0, max: 3 }) }) },
  { weight: 3, arbitrary: record({ kind: constantFrom("stage" as const, "commit" as const, "amend" as const, "uncommit" as const) }) },
);
export const edits = record({ kind: constant("edit" as const), agent, edits: array(edit, { minLength: 1, maxLength: 4 }) });
export const act = record({
  kind: constant("act" as const),
  agent,
  what: constantFrom("visit" as const, "visit" as const, "checkpoint" as const, "roll back" as const, "roll back" as const, "remove" as const, "land" as const),
  nth: integer({ min: 0, max: 4 }),
  steps: integer({ min: 1, max: 40 }),
});
type ValueOf<A> = A extends Arbitrary<infer Value> ? Value : never;
type Edit = ValueOf<typeof edit>;
type Act = ValueOf<typeof act>;

const stateOf = (agentId: string): AgentState => ({ agentId, taskId: null, stepId: null, attemptId: null, conversation: null, environment: {}, state: STATE });
const STATE = {
  workingDirectory: "",
  currentTask: null,
  queue: [],
  context: { recentCommands: [], conversationHistory: [] },
  metrics: { commandsExecuted: 0, tokensUsed: null, apiCalls: null },
};

/** One server's doing, over the same store and the same disk. @param worker its lease. */
export async function doWork(world: LandingsWorld, repository: TestRepository, { agent: name, what, nth }: Act, worker: string): Promise<void> {
  const { directory, serverName, settings } = world.workspaces;
  const opened = await openWorkspaces(world, { directory, serverName, settings });
  const here = { ...world, workspaces: opened.workspaces };
  try {
    if (what === "visit") {
      const id = world.newId();
      const visit = { mode: "agent" as const, repository: repository.path, taskId: id, stepId: "s", attemptId: id, agentId: name, agentName: name, worker };
      const visiting = await enterWorkspace(here, { ...visit, signal: new AbortController().signal, readState: async () => stateOf(name) });
      return await visiting.leave();
    }
    const found = await findReady(here, name);
    if (!found) return;
    const workspace = await getWorkspaceRow(here, found.id);
    if (what === "checkpoint") await createCheckpoint(here, { workspace, kind: "hand", description: "By hand", agent: stateOf(name) });
    else if (what === "remove") await removeWorkspace(here, workspace.id, { force: true }, worker);
    else if (what === "land") await createLanding(here, landingOf({ workspaceId: workspace.id }), operator);
    else {
      const { items } = await listCheckpoints(here, { workspaceId: workspace.id }, EVERYWHERE);
      const to = items[nth % Math.max(items.length, 1)];
      if (to) await rollBack(here, workspace, await getCheckpointRow(here, to.id, { workspaceId: workspace.id }), stateOf(name), worker);
    }
  } finally {
    await opened.close();
  }
}
interface Tree {
  id: string;
  path: string;
}
const findReady = async ({ db }: Pick<LandingsWorld, "db">, name: string): Promise<Tree | undefined> =>
  (await db.all<Tree>(sql`select id, path from workspaces where agent_id = ${name} and state = 'ready'`))[0];

let written = 0;
/** By its agent. What is half set back is written to, too; what is half removed is not, as little as somebody in it would find it there. */
export async function editTree(server: LandingServer, name: string, all: readonly Edit[]): Promise<void> {
  const [tree] = await server.db.all<Tree & { base_commit: string }>(
    sql`select id, path, base_commit from workspaces where agent_id = ${name} and state in ('ready', 'restoring')`,
  );
  if (!tree || !existsSync(join(tree.path, ".git"))) return;
  for (const one of all) change(tree.path, tree.base_commit, one);
}
function change(path: string, base: string, one: Edit): void {
  // What was cut off may have left a lock of a git that was killed.
  const lock = join(gitIn(path, "rev-parse", "--git-dir"), "index.lock");
  if (existsSync(lock)) rmSync(lock);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  // All of one size: git tells them apart by their times or their contents.
  const number = String(++written).padStart(6, "0");
  if (one.kind === "write") write(`file-${one.file}.txt`, `${one.quality.padEnd(4)} ${number}\n`);
  else if (one.kind === "new") write(one.nth === 0 ? `odd\n"${number}".bin` : `new-${one.nth}/${number}.txt`, `new  ${number}\n`);
  else if (one.kind === "delete") rmSync(join(path, `file-${one.file}.txt`), { force: true });
  else if (one.kind !== "uncommit") gitIn(path, "add", "-A");
  else if (gitIn(path, "rev-parse", "HEAD") !== base) gitIn(path, "reset", "-q", "HEAD~1");
  if (one.kind === "commit") gitIn(path, "commit", "-q", "--allow-empty", "-m", `Work ${number}`);
  if (one.kind === "amend" && gitIn(path, "rev-parse", "HEAD") !== base) gitIn(path, "commit", "-q", "--amend", "--allow-empty", "-m", `Work ${number}`);
}
const lines = (text: string): string[] => text.split("\n").filter(Boolean);

export interface Kept {
  /** In work trees: what lies there, what is staged, what is or was checked out. */
  inTrees: Set<string>;
  /** What refs hold, branches among them. */
  byRefs: Set<string>;
  /** Of that, what no branch is needed for. */
  bySnapshots: Set<string>;
}
/** Names of objects. */
export async function whatIsKept(server: LandingServer, repository: TestRepository): Promise<Kept> {
  const trees = await server.db.all<Tree>(sql`select id, path from workspaces where state in ('ready', 'restoring', 'removing')`);
  const inTrees = new Set<string>();
  for (const { path } of trees.filter((tree) => existsSync(join(tree.path, ".git")))) {
    const names = gitIn(path, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0");
    for (const name of names) if (name !== "" && existsSync(join(path, name))) inTrees.add(gitIn(path, "hash-object", "--", name));
    for (const line of gitIn(path, "ls-files", "-s", "-z").split("\0")) if (line !== "") inTrees.add(line.split(" ")[1] ?? "");
    for (const commit of lines(gitIn(path, "log", "-g", "--format=%H", "HEAD"))) inTrees.add(commit);
  }
  const held = (...refs: string[]): Set<string> => new Set(lines(repository.git("rev-list", "--objects", "--no-object-names", ...refs)));
  return { inTrees, byRefs: held("--all"), bySnapshots: held("--glob=refs/baton/workspaces") };
}
export function expectKept(before: Kept, now: Kept): void {
  expect([...before.inTrees].filter((one) => !now.inTrees.has(one) && !now.byRefs.has(one))).toEqual([]);
  expect([...before.bySnapshots].filter((one) => !now.bySnapshots.has(one))).toEqual([]);
}
/** After all that was cut off was done again. */
export async function expectAgreement(server: LandingServer, repository: TestRepository): Promise<void> {
  const { directory, serverName, settings } = server.workspaces;
  await (await openWorkspaces(server, { directory, serverName, settings })).close();
  const rows = await server.db.all<{ state: string; path: string }>(sql`select state, path from workspaces where state <> 'removed' order by path`);
  const listed = lines(repository.git("worktree", "list", "--porcelain")).flatMap((line) => (line.startsWith("worktree ") ? [line.slice(9)] : []));
  expect(rows).toEqual(
    listed
      .slice(1)
      .sort()
      .map((path) => ({ state: "ready", path })),
  );
}
