// One round of a queue: takes the first landings, merges them onto the target as it is now, has the result judged, and moves the target to it. What is
// known at each point is in rows before the next thing is done, so that whoever comes after a crash goes on, or begins anew what left no trace.
import { join } from "node:path";
import { type AskedGate, type Gate, type GateResult, Refusal } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import { type DefinedGate, definedGates, findPassing, judge, recordVerdict, toJudgement } from "../gates/gates.ts";
import { type Batch, type Chain, chain, methodOf } from "./chain.ts";
import { answersOf, needsNobody, openAsk, toAskingReason, toAsks } from "./ask-others.ts";
import { findGround, type Ground } from "./ground.ts";
import { type Held, QueueLost, settle, toEvent, write } from "./hold.ts";
import {
  afterJudging,
  afterKnownFailure,
  afterLanding,
  type Fate,
  isKnownToFail,
  nextBatch,
  type Queued,
  refusal,
  type Settled,
  type Suspicion,
} from "./landing-machine.ts";
import {
  countJudging,
  endRun,
  insertRun,
  type LandingRow,
  lockLandings,
  lockUnderWay,
  type RunRow,
  selectMoving,
  selectQueued,
  updateLanding,
} from "./landing-rows.ts";
import { markLanded } from "../workspaces/workspaces.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { handOver } from "./hand-over.ts";
import { type QueueRow, setSuspicion } from "./queue-rows.ts";

const DEFAULT_BATCH = 8;
const MOST_QUEUED = 200;

/** After whoever held the queue before: what was judged is moved to its end, what was not is queued again. */
export async function recover(world: LandingsWorld, held: Held): Promise<void> {
  const moving = await selectMoving(world.db, held.id);
  if (moving) await finish(world, held, { ...moving, isResumed: true });
  await write(world, held, async (tx, _, now) => {
    const left = await lockUnderWay(tx, held.id);
    return {
      answer: undefined,
      events: await settle(
        world,
        tx,
        left,
        new Map(left.map(({ id }) => [id, { to: "queued", reason: "Its server stopped while it was judged; it is judged again." }])),
        now,
      ),
    };
  });
}

/** @returns whether there was anything to do. */
export async function carryOut(world: LandingsWorld, held: Held, signal: AbortSignal): Promise<boolean> {
  const queued = await selectQueued(world.db, held.id, MOST_QUEUED);
  const [first] = queued;
  if (!first) return false;
  const ground = await findGround(world, held.repository, first);
  if ("to" in ground) return refuse(world, held, [first], ground);
  const batch = await take(world, held, queued, ground);
  if (batch.length > 0) await judgeBatch(world, held, { batch, ...ground, signal });
  return true;
}
async function refuse(world: LandingsWorld, held: Held, rows: readonly LandingRow[], fate: Fate, from = "queued"): Promise<true> {
  await write(world, held, async (tx, _, now) => {
    const still = (
      await lockLandings(
        tx,
        rows.map(({ id }) => id),
      )
    ).filter(({ state }) => state === from);
    return { answer: undefined, events: await settle(world, tx, still, new Map(still.map(({ id }) => [id, fate])), now) };
  });
  return true;
}
/** Those that are judged together now. */
async function take(world: LandingsWorld, held: Held, queued: readonly LandingRow[], { file, mode }: Ground): Promise<LandingRow[]> {
  // What is asked about one change is no answer about another.
  const asksSomebody = (await definedGates(world, held.repository, { file: file?.gates ?? [], landing: [] })).some((one) => !needsNobody(one));
  const likeness = queued.map((row): Queued & { row: LandingRow } => ({
    row,
    id: row.id,
    target: row.target,
    manner: JSON.stringify([methodOf(row, file), row.mode]),
    // A pull request is of one change.
    isSingular: row.gates !== "[]" || mode.kind === "pull_request" || asksSomebody,
  }));
  const runId = world.newId();
  return write(world, held, async (tx, queue, now) => {
    const chosen = nextBatch(likeness, file?.landing.batch ?? DEFAULT_BATCH, suspicionOf(queue));
    const rows = (
      await lockLandings(
        tx,
        chosen.map(({ id }) => id),
      )
    ).filter(({ state }) => state === "queued");
    for (const row of rows) {
      const reason = rows.length === 1 ? "It is merged and judged." : `It is merged and judged together with ${rows.length - 1} more.`;
      Object.assign(row, { state: "judging", reason, tries: row.tries + 1, run_id: runId, updated_at: now, failure: null });
      await updateLanding(tx, row);
    }
    return { answer: rows, events: rows.map((row) => toEvent("landing.judging", row, { tries: row.tries })) };
  });
}
const suspicionOf = (queue: QueueRow): Suspicion => ({ limit: queue.batch_limit, failedTree: queue.failed_tree });

async function judgeBatch(world: LandingsWorld, held: Held, given: Batch): Promise<void> {
  const made = await chain(world, held.repository, given).catch((error: unknown) => {
    if (error instanceof Refusal) return error;
    throw error;
  });
  if (made instanceof Refusal) return void (await refuse(world, held, given.batch, refusal("target", made.message), "judging"));
  const ids = made.members.map(({ row }) => row.id);
  const gates = await definedGates(world, held.repository, { file: given.file?.gates ?? [], landing: ownGates(made) });
  const known = await whatIsKnown(world, held, { made, ids, gates, base: given.base });
  const results = known ?? withAnswers(made, gates, await ask(world, held, made, gates.filter(needsNobody), given.signal));
  const run = await conclude(world, held, { made, ids, gates, results, given });
  if (run) await finish(world, held, { ...run, isResumed: false });
}
const ownGates = ({ members }: Chain): Gate[] => (members.length === 1 ? (JSON.parse(members[0]?.row.gates ?? "[]") as Gate[]) : []);

type Known =
  | { kind: "asking"; asks: AskedGate[] }
  | { kind: "nothing" }
  | { kind: "fails" }
  | { kind: "unguarded" }
  | { kind: "judged"; results: GateResult[] };
async function whatIsKnown(
  world: LandingsWorld,
  held: Held,
  of: { made: Chain; ids: string[]; gates: DefinedGate[]; base: string },
): Promise<Known | undefined> {
  const { made, ids, gates, base } = of;
  if (ids.length === 0) return { kind: "nothing" };
  if (gates.length === 0) return { kind: "unguarded" };
  const queue = await write(world, held, async (_, row) => ({ answer: row, events: [] }));
  if (isKnownToFail(ids, made.tree, suspicionOf(queue))) return { kind: "fails" };
  // What it said of one change is of another no verdict.
  const earlier = ids.length === 1 ? await findPassing(world.db, { repository: held.repository, tree: made.tree, base, gates }) : undefined;
  return (
    earlier && { kind: "judged", results: earlier.results.map((result) => ({ ...result, landingId: result.landingId === null ? null : (ids[0] as string) })) }
  );
}
async function ask(world: LandingsWorld, held: Held, made: Chain, gates: DefinedGate[], signal: AbortSignal): Promise<Known> {
  const subject = {
    repository: held.repository,
    commit: made.tip,
    tree: made.tree,
    changes: made.members.map(({ row, from, to }) => ({ landingId: row.id, from, to })),
    directory: join(world.judgingDirectory, `${held.id}-${held.fence}`),
    mark: `landing-${held.id}-${held.fence}`,
  };
  const cancelled = watchCancelling(world, made);
  try {
    return { kind: "judged", results: await judge(world, subject, gates, AbortSignal.any([signal, cancelled.signal])) };
  } finally {
    cancelled.stop();
  }
}
/** Whoever is to be asked is asked once what needs nobody has let it through. */
function withAnswers({ members: [member, ...others] }: Chain, gates: readonly DefinedGate[], judged: Known): Known {
  const asking = gates.filter((one) => !needsNobody(one));
  if (judged.kind !== "judged" || asking.length === 0 || !member || others.length > 0) return judged;
  const { row, source } = member;
  const alone = gates.filter(needsNobody);
  const isThrough = alone.length === 0 || toJudgement(alone, judged.results).passes;
  const asks = toAsks(row, asking, source);
  if (isThrough && asks.every(({ state }) => state === "waiting" || state === "pass") && asks.some(({ state }) => state === "waiting"))
    return { kind: "asking", asks };
  return { kind: "judged", results: [...judged.results, ...answersOf(row.id, asks)] };
}
/** What nobody wants any more is not judged to its end. */
function watchCancelling(world: LandingsWorld, { members }: Chain): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const runId = members[0]?.row.run_id ?? "";
  const look = (): void =>
    void countJudging(world.db, runId).then(
      (left) => left < members.length && controller.abort(),
      (error: unknown) => world.log.warn({ error: String(error) }, "whether a landing was cancelled could not be seen; the next look follows"),
    );
  const timer = setInterval(look, world.settings.pollMs);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

interface Concluded {
  made: Chain;
  ids: string[];
  gates: DefinedGate[];
  results: Known;
  given: Batch;
}
/** Stores the verdict with all that follows from it. @returns what is to be moved now. */
function conclude(world: LandingsWorld, held: Held, { made, ids, gates, results, given }: Concluded): Promise<RunRow | undefined> {
  return write(world, held, async (tx, queue, now) => {
    const rows = await lockLandings(
      tx,
      given.batch.map(({ id }) => id),
    );
    const stays = (id: string): boolean => rows.some((row) => row.id === id && row.state === "judging");
    const events: NewEvent[] = [];
    let settled: Settled = { fates: new Map(), suspicion: suspicionOf(queue) };
    let run: RunRow | undefined;
    if (results.kind === "fails") settled = afterKnownFailure(ids, settled.suspicion);
    if (results.kind === "unguarded") {
      const none = `There are no gates for ${held.repository}, and nothing lands unjudged. Write baton.yaml on ${given.batch[0]?.target}, or put gates with PUT /api/v1/gates.`;
      settled.fates = new Map(ids.map((id) => [id, refusal("misconfigured", none)]));
    }
    if (results.kind === "asking") {
      const [row] = rows.filter(({ id, state }) => ids.includes(id) && state === "judging");
      if (row) {
        row.asked = JSON.stringify(results.asks);
        events.push(...(await openAsk(world, tx, row, results.asks, now)));
        settled.fates = new Map([[row.id, { to: "asking", reason: toAskingReason(results.asks) }]]);
      }
    }
    if (results.kind === "judged") {
      const judgement = toJudgement(gates, results.results);
      const { verdict, event } = await recordVerdict(
        tx,
        { newId: world.newId, now },
        {
          repository: held.repository,
          tree: made.tree,
          base: given.base,
          gates,
          results: results.results,
          landingIds: ids,
        },
      );
      events.push(event);
      for (const row of rows.filter(({ id }) => ids.includes(id))) row.verdict_id = verdict.id;
      const again = whyAgain(ids.every(stays), given.signal);
      if (again !== undefined) settled.fates = new Map(ids.map((id) => [id, { to: "queued", reason: again }]));
      else settled = afterJudging(ids, made.tree, { judgement, results: results.results }, settled.suspicion);
      if (settled.fates.size > 0 && [...settled.fates.values()].every(({ to }) => to === "moving"))
        run = toRun(world, held, { made, ids, given, now, verdictId: verdict.id });
    }
    if (run) await insertRun(tx, run);
    await setSuspicion(tx, held.id, settled.suspicion.limit, settled.suspicion.failedTree);
    for (const { row, source } of made.members) for (const locked of rows) if (locked.id === row.id) locked.source_commit = source;
    const under = rows.filter(({ state }) => state === "judging");
    events.push(...(await settle(world, tx, under, new Map([...made.fates, ...settled.fates]), now)));
    return { answer: run, events };
  });
}
function whyAgain(areAllThere: boolean, signal: AbortSignal): string | undefined {
  if (!areAllThere) return "Another of its batch was cancelled; it is judged without it.";
  return signal.aborted ? "Its server stops; another one judges it." : undefined;
}
const toRun = (world: LandingsWorld, held: Held, of: { made: Chain; ids: string[]; given: Batch; now: number; verdictId: string }): RunRow => ({
  id: world.newId(),
  queue_id: held.id,
  target: of.given.batch[0]?.target ?? "",
  state: "moving",
  mode: JSON.stringify(of.given.mode),
  base: of.given.base,
  tip: of.made.tip,
  tree: of.made.tree,
  verdict_id: of.verdictId,
  landing_ids: JSON.stringify(of.ids),
  created_at: of.now,
});

/** Moves the target, and writes down what came of it. */
async function finish(world: LandingsWorld, held: Held, run: RunRow & { isResumed: boolean }): Promise<void> {
  if (world.dispatcher.lease() !== held.worker) throw new QueueLost(`The queue of ${held.repository} is another server's.`);
  const moved = await handOver(world, held.repository, run);
  await write(world, held, async (tx, queue, now) => {
    const rows = await lockLandings(tx, JSON.parse(run.landing_ids) as string[]);
    await endRun(tx, run.id);
    if (moved.kind !== "moved" && moved.kind !== "proposed") {
      const fate: Fate =
        moved.kind === "overtaken"
          ? { to: "queued", reason: `The target was moved by somebody else meanwhile (to ${moved.by}); it is merged and judged again.` }
          : refusal("target", moved.why);
      return { answer: undefined, events: await settle(world, tx, rows, new Map(rows.map(({ id }) => [id, fate])), now) };
    }
    const { limit, failedTree } = afterLanding(rows.length, suspicionOf(queue));
    await setSuspicion(tx, held.id, limit, failedTree);
    const isProposed = moved.kind === "proposed";
    const end = isProposed
      ? { state: "proposed", reason: "It is proposed as a pull request.", link: moved.link }
      : { state: "landed", reason: `It is on ${run.target}.`, landed_at: now };
    for (const row of rows) await updateLanding(tx, Object.assign(row, end, { commit_id: run.tip, tree: run.tree, previous: run.base, updated_at: now }));
    const told = { target: run.target, commit: run.tip, previous: run.base, tree: run.tree, verdictId: run.verdict_id };
    const events = rows.map((row) => (isProposed ? toEvent("landing.proposed", row, { ...told, link: row.link }) : toEvent("landing.landed", row, told)));
    if (!isProposed)
      for (const { workspace_id } of rows) if (workspace_id !== null) events.push(...(await markLanded(world, tx, workspace_id, run.tip, run.target)));
    return { answer: undefined, events };
  });
}
