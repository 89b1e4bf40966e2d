// The door of landings: the one guarded path to a target branch. A landing is asked for, waits in the queue of its repository, is merged onto the target as it
// is then, judged by gates as the tree that would come of it, and only then does the branch move, in one step, from exactly what was judged against.
//
// Guaranteed, also across crashes at any point and with several servers: a target moves only while a verdict that lets this very tree through is stored;
// what somebody else moves meanwhile is never overwritten; a work tree that has the target checked out is brought along, or, with anything in it
// that is not committed, nothing moves. Not guaranteed: that others (people, agents with git) leave the branch alone.
import { ALL_PROJECTS, DEFAULT_PROJECT, type Landing, type ParsedLandingInput, Refusal } from "@baton/contract";
import { getTaskRow } from "../tasks/tasks.ts";
import { keep } from "./chain.ts";
import { tell } from "./change-landing.ts";
import { toEvent } from "./hold.ts";
import { insertLanding } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { commitOf } from "./move-target.ts";
import { insertQueue, type QueueRow, selectQueue } from "./queue-rows.ts";
import { findRepository } from "./repository.ts";
import { getLanding } from "./to-landing.ts";
import { commitOfWork, findAsked } from "./work.ts";

export { cancelLanding, retryLanding } from "./change-landing.ts";
export type { LandingsWorld } from "./landings-world.ts";
export { getGatesInForce } from "./in-force.ts";
export { getLanding, listLandings } from "./to-landing.ts";
export { type LandingWorker, openLandingWorker } from "./worker.ts";

/** Who asks: `mayName` programs that this server then runs, which those of a repository's baton.yaml are, too. */
export interface Asker {
  name: string;
  /** Whose it becomes where neither a work tree nor a task says so. */
  project?: string;
  mayName: boolean;
}
/** The path by which everybody names the repository that `path` belongs to. @throws Refusal `bad_input`, `forbidden`. */
export async function enterRepository(world: LandingsWorld, path: string, by: Asker): Promise<QueueRow> {
  const found = await findRepository(world, path);
  const known = await selectQueue(world.db, found.path);
  if (known) return known;
  if (!by.mayName)
    throw new Refusal(
      "forbidden",
      `Nobody has named the repository ${found.path} here yet, and its baton.yaml may name programs to be run: that takes the right host.`,
    );
  const row = {
    id: world.newId(),
    repository: found.path,
    git_directory: found.gitDirectory,
    mark: found.mark,
    created_by: by.name,
    created_at: world.clock.now(),
  };
  await world.db.transaction((tx) => insertQueue(tx, row));
  return (await selectQueue(world.db, found.path)) as QueueRow;
}

/** Puts it into the queue. @throws Refusal `bad_input`, `forbidden`. */
export async function createLanding(world: LandingsWorld, input: ParsedLandingInput, by: Asker): Promise<Landing> {
  if (!by.mayName && (input.mode?.kind === "pull_request" || input.gates.some(({ kind }) => kind === "command")))
    throw new Refusal("forbidden", "Commands of gates and pull requests are run by this server: to name them takes the right host.");
  const asked = await findAsked(world, input);
  const { source, workspace } = asked;
  const queue = await enterRepository(world, asked.repository, by);
  const { repository } = queue;
  const target = input.target ?? workspace?.base_branch ?? (await checkedOut(world, repository));
  const refuse = (path: string, message: string): Refusal =>
    new Refusal("bad_input", `body.${path}: ${message}`, { issues: [{ path: `body.${path}`, message }] });
  const isHere = input.mode === undefined || input.mode.kind === "branch";
  if (isHere && (await commitOf(world, repository, `refs/heads/${target}`)) === undefined)
    throw refuse("target", `there is no branch ${target} in ${repository}`);
  const commit = workspace
    ? await commitOfWork(world, workspace)
    : ((await commitOf(world, repository, `refs/heads/${source}`)) ?? (await commitOf(world, repository, source)));
  if (commit === undefined) throw refuse("source", `there is no branch, tag or commit ${source} in ${repository}`);
  if (source === target) throw refuse("source", `${target} is the target itself`);
  const now = world.clock.now();
  const row = {
    id: world.newId(),
    queue_id: queue.id,
    repository,
    source,
    source_commit: commit,
    target,
    method: input.method ?? null,
    mode: input.mode === undefined ? null : JSON.stringify(input.mode),
    message: input.message ?? null,
    gates: JSON.stringify(input.gates),
    task_id: input.taskId ?? workspace?.task_id ?? null,
    project:
      workspace?.project ??
      (input.taskId === undefined ? (by.project ?? ALL_PROJECTS) : ((await getTaskRow(world, input.taskId)).project_id ?? DEFAULT_PROJECT)),
    workspace_id: workspace?.id ?? null,
    returns: "[]",
    asked: "[]",
    max_feedback: input.maxFeedback,
    state: "queued",
    reason: "It waits for its turn.",
    failure: null,
    tries: 0,
    run_id: null,
    verdict_id: null,
    commit_id: null,
    tree: null,
    previous: null,
    requested_by: by.name,
    queued_at: now,
    created_at: now,
    updated_at: now,
    landed_at: null,
    link: null,
  };
  await keep(world, repository, row.id, commit);
  await world.db.transaction(async (tx) => {
    await insertLanding(tx, row);
    await world.events.append(tx, [toEvent("landing.queued", row, { source: row.source, reason: row.reason })]);
  });
  tell(world);
  return getLanding(world, row.id);
}
async function checkedOut(world: LandingsWorld, repository: string): Promise<string> {
  const told = await world.git.run({ cwd: repository, args: ["symbolic-ref", "--short", "HEAD"] });
  if (told.code === 0) return told.stdout.trim();
  const message = `${repository} has no branch checked out (${await world.git.line({ cwd: repository, args: ["rev-parse", "HEAD"] })}): say which is the target`;
  throw new Refusal("bad_input", `body.target: ${message}.`, { issues: [{ path: "body.target", message }] });
}
