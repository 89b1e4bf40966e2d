// The door of landings: the one guarded path to a target branch. A landing is asked for, waits in the queue of its repository, is merged onto the target as it
// is then, judged by gates as the tree that would come of it, and only then does the branch move, in one step, from exactly what was judged against.
//
// Guaranteed, also across crashes at any point and with several servers: a target moves only while a verdict that lets this very tree through is stored;
// what somebody else moves meanwhile is never overwritten; a work tree that has the target checked out is brought along, or, with anything in it
// that is not committed, nothing moves. Not guaranteed: that others (people, agents with git) leave the branch alone.
import { type Landing, type LandingFailure, type LandingMode, landingStates, type Page, type ParsedLandingInput, Refusal } from "@baton/contract";
import { iso, isoOrNull } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import { keep } from "./chain.ts";
import { toEvent } from "./hold.ts";
import { insertLanding, type LandingRow, lockLanding, selectLanding, selectLandings, updateLanding } from "./landing-rows.ts";
import { CHANNEL, type LandingsWorld } from "./landings-world.ts";
import { commitOf } from "./move-target.ts";
import { insertQueue, type QueueRow, selectQueue } from "./queue-rows.ts";
import { findRepository } from "./repository.ts";

export type { LandingsWorld } from "./landings-world.ts";
export { type LandingWorker, openLandingWorker } from "./worker.ts";

const isOpen = ({ state }: LandingRow): boolean => ["queued", "judging", "moving"].includes(state);
const toLanding = (row: LandingRow): Landing => ({
  id: row.id,
  seq: row.seq,
  repository: row.repository,
  source: row.source,
  sourceCommit: row.source_commit,
  target: row.target,
  method: row.method as Landing["method"],
  mode: row.mode === null ? null : (JSON.parse(row.mode) as LandingMode),
  message: row.message,
  gates: JSON.parse(row.gates) as Landing["gates"],
  taskId: row.task_id,
  state: row.state as Landing["state"],
  reason: row.reason,
  failure: row.failure === null ? null : (JSON.parse(row.failure) as LandingFailure),
  tries: row.tries,
  verdictId: row.verdict_id,
  commit: row.commit_id,
  tree: row.tree,
  previous: row.previous,
  link: row.link,
  requestedBy: row.requested_by,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  landedAt: isoOrNull(row.landed_at),
});

/** Who asks: `mayName` programs that this server then runs, which those of a repository's baton.yaml are, too. */
export interface Asker {
  name: string;
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
      `Nobody has named the repository ${found.path} here yet, and its baton.yaml may name programs to be run: that takes the right agent.manage.`,
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
    throw new Refusal("forbidden", "Commands of gates and pull requests are run by this server: to name them takes the right agent.manage.");
  const queue = await enterRepository(world, input.repository, by);
  const { repository } = queue;
  const target = input.target ?? (await checkedOut(world, repository));
  const refuse = (path: string, message: string): Refusal =>
    new Refusal("bad_input", `body.${path}: ${message}`, { issues: [{ path: `body.${path}`, message }] });
  const isHere = input.mode === undefined || input.mode.kind === "branch";
  if (isHere && (await commitOf(world, repository, `refs/heads/${target}`)) === undefined)
    throw refuse("target", `there is no branch ${target} in ${repository}`);
  const commit = (await commitOf(world, repository, `refs/heads/${input.source}`)) ?? (await commitOf(world, repository, input.source));
  if (commit === undefined) throw refuse("source", `there is no branch, tag or commit ${input.source} in ${repository}`);
  if (input.source === target) throw refuse("source", `${target} is the target itself`);
  const now = world.clock.now();
  const row = {
    id: world.newId(),
    queue_id: queue.id,
    repository,
    source: input.source,
    source_commit: commit,
    target,
    method: input.method ?? null,
    mode: input.mode === undefined ? null : JSON.stringify(input.mode),
    message: input.message ?? null,
    gates: JSON.stringify(input.gates),
    task_id: input.taskId ?? null,
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
function tell(world: LandingsWorld): void {
  world.events.committed();
  world.db.notify(CHANNEL);
}

/** @throws Refusal `not_found`. */
export async function getLanding(world: { db: Db }, id: string): Promise<Landing> {
  const row = await selectLanding(world.db, id);
  if (!row) throw missing(id);
  return toLanding(row);
}
const missing = (id: string): Refusal => new Refusal("not_found", `There is no landing ${id}. GET /api/v1/landings lists them.`);

export interface LandingQuery {
  limit: number;
  offset: number;
  repository?: string | undefined;
  state?: string | undefined;
  taskId?: string | undefined;
}
export async function listLandings({ db }: { db: Db }, { limit, offset, state, ...query }: LandingQuery): Promise<Page<Landing>> {
  const found = await selectLandings(db, { ...query, ...(state === undefined ? {} : { states: toStates(state) }) }, limit, offset);
  return { ...found, items: found.items.map(toLanding) };
}
const toStates = (given: string): string[] =>
  given.split(",").flatMap((word) => {
    const state = word.trim().toLowerCase();
    if (state === "open") return ["queued", "judging", "moving"];
    if ((landingStates as readonly string[]).includes(state)) return [state];
    const issue = { path: "query.state", message: `${JSON.stringify(word)} is no state`, allowed: [...landingStates, "open"] };
    throw new Refusal("bad_input", `${issue.path}: ${issue.message}; allowed: ${issue.allowed.join(", ")}.`, { issues: [issue] });
  });

/** Takes it out of the queue, also while it is judged. @throws Refusal `conflict` once it is being moved, or has ended. */
export const cancelLanding = (world: LandingsWorld, id: string, by: string): Promise<Landing> =>
  change(world, id, (row, now) => {
    if (row.state === "cancelled") return undefined;
    if (row.state !== "queued" && row.state !== "judging")
      throw new Refusal("conflict", `Landing ${id} is ${row.state}; only one that is queued or judged can be cancelled.`);
    Object.assign(row, { state: "cancelled", reason: `It was cancelled by ${by}.`, updated_at: now });
    return toEvent("landing.cancelled", row, { by });
  });
/** Puts one that was refused or cancelled at the end of the queue again. @throws Refusal `conflict` for others. */
export const retryLanding = (world: LandingsWorld, id: string): Promise<Landing> =>
  change(world, id, (row, now) => {
    if (isOpen(row)) return undefined;
    if (row.state === "landed" || row.state === "proposed") throw new Refusal("conflict", `Landing ${id} is ${row.state}.`);
    Object.assign(row, { state: "queued", reason: "It waits for its turn.", failure: null, queued_at: now, updated_at: now });
    return toEvent("landing.queued", row, { source: row.source, reason: "It is tried again." });
  });
async function change(world: LandingsWorld, id: string, work: (row: LandingRow, now: number) => ReturnType<typeof toEvent> | undefined): Promise<Landing> {
  await world.db.transaction(async (tx) => {
    const row = await lockLanding(tx, id);
    if (!row) throw missing(id);
    const event = work(row, world.clock.now());
    if (!event) return;
    await updateLanding(tx, row);
    await world.events.append(tx, [event]);
  });
  tell(world);
  return getLanding(world, id);
}
