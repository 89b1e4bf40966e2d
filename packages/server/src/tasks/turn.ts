// The turn: one transaction in which this server writes everything that is due — tasks handed in, attempts that ended, and
// the steps it takes on now. While one turn is committing, the next one's work gathers; so an idle server answers at once
// and a busy one commits hundreds of changes together. Answers are given, and agents called, only after the commit.
import { Refusal } from "@baton/contract";
import type { LoadRow, Registry } from "../agents/agents.ts";
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import { openInbox } from "../std/batch.ts";
import type { Log } from "../std/log.ts";
import { watchOutage } from "../std/outage.ts";
import type { Db, Tx } from "../store/db.ts";
import type { Sight } from "../conflicts/conflicts.ts";
import type { StandingBudgets } from "../budgets/budgets.ts";
import { type Draft, lockDraft, newDraft, writeDraft } from "./draft.ts";
import { tellLedger } from "./ledger.ts";
import { openLines } from "./lines.ts";
import type { Estimates } from "./spending.ts";
import type { Submission } from "./submission.ts";
import { chooseAtOnce, giveBack } from "./turn-begin.ts";
import { type Claim, type ClaimWorld, claimReady, freePlaces, recheckWaiting, type Taken, takeBackSetAside } from "./turn-claim.ts";
import { type Settled, settleEndings } from "./turn-settle.ts";
import type { Ending } from "./ending.ts";
import { type Accepted, insertSubmissions } from "./turn-submit.ts";

export interface TurnWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  random(): number;
  log: Log;
  events: EventLog;
  registry: Registry;
  budgets: StandingBudgets;
  sight: Sight;
  estimates: Estimates;
  /** The lease under which attempts are begun now; undefined while this server may begin none. */
  lease(): string | undefined;
  /** How many attempts more this server may carry out. */
  room(): number;
  begin(claim: Claim): void;
  stop(attemptIds: readonly string[]): void;
  /** Tells the other servers that there is something for them. */
  callOthers(): void;
}
export interface Turn {
  submit(submission: Submission): Promise<Accepted>;
  settle(ending: Ending, worker: string): Promise<Settled>;
  /** A line may have ready steps. */
  announce(keys: Iterable<string>): void;
  /** Somebody may be able to take what was set aside. */
  reconsider(): void;
  wake(): void;
  close(): Promise<void>;
}
interface Waiting<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}
type Handed = Waiting<Submission, Accepted>;
type Ended = Waiting<Ending, Settled> & { worker: string };
interface Batch {
  handed: Handed[];
  ended: Ended[];
  setAsideToo: boolean;
}

interface Written {
  draft: Draft;
  answers: (Accepted | Refusal)[];
  settled: Map<Ended, Settled>;
  taken: Taken;
  /** It read the lines itself. */
  reads: boolean;
  loads: LoadRow[];
}

const MAX_SUBMISSIONS = 500;
const MAX_ENDINGS = 1000;
const MAX_CLAIMS = 500;
const MAX_BYTES = 8 << 20;
const MAX_QUEUED = 50_000;
const RETRY_MS = 200;
/** How long a request waits for a store that is away. */
const PATIENCE_MS = 5000;

export function openTurn(world: TurnWorld): Turn {
  const handed = openInbox<Handed>((one) => one.item.size);
  const ended = openInbox<Ended>(({ item }) => (item.happening.ok ? JSON.stringify(item.happening.output ?? null).length : 500));
  const lines = openLines();
  const outage = watchOutage(PATIENCE_MS);
  let due = false;
  let setAsideToo = true;
  // On Postgres a second turn is prepared and written while the first waits for its commit; SQLite has one writer.
  const lanes = world.db.dialect === "postgres" ? 2 : 1;
  const running = new Set<Promise<void>>();
  /** Places of this server that turns under way may be about to fill. */
  let taking = 0;
  /** How many were begun. */
  let turns = 0;
  let reading = false;
  let readAgain = false;
  let closing = false;

  function wake(): void {
    due = true;
    if (running.size >= lanes) return;
    const lane = run().finally(() => {
      running.delete(lane);
      if (due && !closing) wake();
    });
    running.add(lane);
  }
  async function run(): Promise<void> {
    // Let everything that arrives in this tick of the loop come along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (due) {
      due = false;
      const batch = { handed: handed.take(MAX_SUBMISSIONS, MAX_BYTES), ended: ended.take(MAX_ENDINGS, MAX_BYTES), setAsideToo };
      setAsideToo = false;
      if (handed.length > 0 || ended.length > 0) due = true;
      const onlyLines = batch.handed.length === 0 && batch.ended.length === 0 && !batch.setAsideToo;
      if (!onlyLines || (lines.size > 0 && !isRead())) await attemptTurn(batch);
    }
  }
  /** One turn at a time reads lines: beside it, another would pass over the steps it holds and take younger ones. Who had to leave them has them read again. */
  function isRead(): boolean {
    if (reading) readAgain = true;
    return reading;
  }
  async function attemptTurn(batch: Batch): Promise<void> {
    for (;;) {
      try {
        return await commitTurn(batch);
      } catch (error) {
        if (!world.db.isTransient(error)) {
          outage.ended();
          return giveUpOrSplit(batch, error);
        }
        if (closing) return giveUp(batch, error);
        for (const one of batch.handed) one.item.perhapsWritten = true;
        world.log.warn({ error: String(error) }, "the store refused a turn; it is tried again");
        outage.failed();
        // What ended waits on: nobody else knows of it.
        if (outage.isLong) refuseHanded([...batch.handed.splice(0), ...handed.take(MAX_QUEUED, Number.POSITIVE_INFINITY)]);
        await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
  /** One thing that cannot be written does not take the others with it. */
  async function giveUpOrSplit(batch: Batch, error: unknown): Promise<void> {
    if (batch.setAsideToo) setAsideToo = true;
    const size = batch.handed.length + batch.ended.length;
    if (size <= 1) return giveUp(batch, error);
    for (const one of batch.ended) await attemptTurn({ handed: [], ended: [one], setAsideToo: false });
    for (const one of batch.handed) await attemptTurn({ handed: [one], ended: [], setAsideToo: false });
  }
  function giveUp(batch: Batch, error: unknown): void {
    world.log.error({ err: error }, "a turn could not be written");
    refuseHanded(batch.handed);
    for (const one of batch.ended) one.reject(error);
  }
  function refuseHanded(all: readonly Handed[]): void {
    for (const one of all) one.reject(doesNotTake());
  }
  async function commitTurn(batch: Batch): Promise<void> {
    const lease = closing ? undefined : world.lease();
    // What ends with this turn still counts as carried out here.
    const room = world.room() + batch.ended.length - taking;
    const limit = lease === undefined ? 0 : Math.max(0, Math.min(MAX_CLAIMS, room));
    const { registry, budgets, estimates } = world;
    const scope = { registry, budgets, estimates, places: world.registry.reserve(), server: lease ?? "" };
    const turn = { reads: false };
    const number = ++turns;
    const beganAlone = running.size < 2;
    taking += limit;
    try {
      const done = await world.db.transaction((tx) => writeTurn(tx, scope, batch, limit, turn));
      outage.ended();
      world.registry.putLoads(done.loads);
      scope.places.end();
      publish(batch, done, beganAlone && running.size < 2 && turns === number);
    } finally {
      scope.places.end();
      taking -= limit;
      if (turn.reads) endReading();
    }
  }
  function endReading(): void {
    reading = false;
    if (readAgain) due = true;
    readAgain = false;
  }
  async function writeTurn(tx: Tx, scope: ClaimWorld, batch: Batch, limit: number, turn: { reads: boolean }): Promise<Written> {
    const now = world.clock.now();
    const draft = newDraft();
    const settled = await settleAll(tx, batch.ended, now, draft);
    freePlaces(scope, draft);
    if (batch.setAsideToo && scope.server !== "") await takeBackSetAside(scope, tx, draft);
    lines.add(draft.ready);
    const submissions = batch.handed.map((one) => one.item);
    const begun = chooseAtOnce(scope, lines.keys(), submissions, limit, now);
    const { answers, started } =
      submissions.length === 0 ? { answers: [], started: [] } : await insertSubmissions(tx, submissions, begun, now, draft, world.sight);
    if (started.length < begun.size) giveBack(scope, begun, new Set(started));
    lines.add(draft.ready);
    const idle: Taken = { claims: [], left: new Set(), more: false };
    turn.reads ||= limit > started.length && lines.size > 0 && !isRead();
    if (turn.reads) reading = true;
    const room = turn.reads ? limit - started.length : 0;
    const taken: Taken = started.length > 0 || room > 0 ? await claimReady(scope, tx, lines.read(), room, started, now, draft) : idle;
    await recheckWaiting(scope, tx, taken.claims, draft);
    const loads = await writeDraft(tx, draft, taken.locked ?? (await lockDraft(tx, draft, now)), world);
    return { draft, answers, settled, taken, reads: turn.reads, loads };
  }
  async function settleAll(tx: Tx, all: readonly Ended[], now: number, draft: Draft): Promise<Map<Ended, Settled>> {
    const settled = new Map<Ended, Settled>();
    for (const [worker, group] of byWorker(all)) {
      const endings = group.map((one) => one.item);
      const answers = await settleEndings({ index: world.registry.index, random: world.random, estimates: world.estimates }, tx, worker, endings, now, draft);
      group.forEach((one, at) => settled.set(one, answers[at] as Settled));
    }
    return settled;
  }
  function publish(batch: { handed: Handed[] }, done: Written, isAlone: boolean): void {
    const lease = world.lease();
    for (const claim of done.taken.claims) if (claim.worker === lease) world.begin(claim);
    batch.handed.forEach((one, at) => {
      const answer = done.answers[at] as Accepted | Refusal;
      if (answer instanceof Refusal) one.reject(answer);
      else one.resolve(answer);
    });
    for (const [one, answer] of done.settled) one.resolve(answer);
    world.stop(done.draft.stopped.filter((one) => one.worker === lease).map((one) => one.id));
    if (done.draft.events.length > 0) world.events.committed();
    tellLedger(world.db, done.draft);
    const forOthers =
      done.taken.claims.some((claim) => claim.worker !== lease) ||
      done.draft.stopped.some((one) => one.worker !== lease) ||
      (done.draft.ready.size > 0 && done.taken.claims.length === 0) ||
      done.taken.more;
    if (forOthers) world.callOthers();
    // The other lane may have looked at these lines before they were there to be seen, or have held steps of them when we did. Alone, a turn that reads lines has seen its own.
    const unseen = [...(done.reads && isAlone ? [] : done.draft.ready), ...done.taken.left];
    lines.add(unseen);
    if (done.taken.more || (lanes > 1 && unseen.length > 0)) due = true;
  }
  const enqueue = <Answer>(push: (resolve: (answer: Answer) => void, reject: (error: unknown) => void) => void): Promise<Answer> =>
    new Promise<Answer>((resolve, reject) => {
      push(resolve, reject);
      wake();
    });
  return {
    submit: async (item) => {
      if (closing) throw new Refusal("unavailable", "This server is stopping. Try again at another, or in a moment.", { retryAfterSeconds: 2 });
      if (outage.isLong) throw doesNotTake();
      if (handed.length >= MAX_QUEUED)
        throw new Refusal("unavailable", `${MAX_QUEUED} tasks wait to be stored. Slow down and try again.`, { retryAfterSeconds: 1 });
      return enqueue<Accepted>((resolve, reject) => handed.push({ item, resolve, reject }));
    },
    settle: (item, worker) => enqueue<Settled>((resolve, reject) => ended.push({ item, worker, resolve, reject })),
    announce: (keys) => {
      lines.add(keys);
      wake();
    },
    reconsider: () => {
      setAsideToo = true;
      wake();
    },
    wake,
    close: async () => {
      closing = true;
      while (running.size > 0) await Promise.all(running);
      if (handed.length + ended.length > 0) await run();
    },
  };
}

const doesNotTake = (): Refusal => new Refusal("unavailable", "The store does not take changes right now. Try again.", { retryAfterSeconds: 1 });

function byWorker(ended: readonly Ended[]): Map<string, Ended[]> {
  const groups = new Map<string, Ended[]>();
  for (const one of ended) {
    const group = groups.get(one.worker);
    if (group) group.push(one);
    else groups.set(one.worker, [one]);
  }
  return groups;
}
