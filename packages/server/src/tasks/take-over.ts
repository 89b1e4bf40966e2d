// What other servers left behind: leases that ran out, attempts handed to this server, attempts it is asked to stop, steps
// whose pause is over, tasks whose deadline has passed. Looked for at every poll; each finding is an index away.
import type { ConnectorSettings } from "@baton/contract";
import type { Registry } from "../agents/agents.ts";
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Db, Tx } from "../store/db.ts";
import type { Attempts } from "./attempts.ts";
import { type Going, toEnding } from "./going.ts";
import {
  type AttemptRow,
  countRunningOf,
  deleteServer,
  lockExpired,
  lockRunning,
  selectGoneWorker,
  selectRunningOf,
  selectSignalled,
  SIGNAL,
  takeUpSignalled,
  transferAttempts,
} from "./attempt-rows.ts";
import { commitDraft, type Draft, lockDraft, newDraft, writeDraft } from "./draft.ts";
import { tellLedger } from "./ledger.ts";
import { failTask } from "./move-task.ts";
import type { Estimates, Hold } from "./spending.ts";
import { dueDelayed, type ReadyStep, selectStepOf } from "./step-rows.ts";
import { lockTasks, selectOverdue } from "./task-rows.ts";
import type { Happening } from "./task-machine.ts";
import { settleEndings, type SettleWorld } from "./turn-settle.ts";

export interface TakeOverWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  random(): number;
  events: EventLog;
  registry: Registry;
  estimates: Estimates;
  attempts: Attempts;
  lease(): string | undefined;
}
const AT_ONCE = 200;
const SERVER_GONE: Happening = { ok: false, kind: "lost", detail: "The server that carried it out is gone." };
/** It was handed to a server that died before it took it up: no agent has seen it, so that it does not count as a try. */
const NEVER_TAKEN_UP: Happening = { ok: false, kind: "released", detail: "The server it was handed to is gone." };
const NEVER_BEGUN: Happening = { ok: false, kind: "cancelled", detail: "It was cancelled before it began." };

/** Takes over what runs under leases that ran out. @returns the lines that have ready steps again. */
export async function takeOverExpired(world: TakeOverWorld): Promise<Set<string>> {
  const ready = new Set<string>();
  for (;;) {
    const worker = world.lease();
    if (worker === undefined) return ready;
    const done = await world.db.transaction((tx) => takeOverSome(world, tx, worker));
    if (!done) return ready;
    world.registry.putLoads(done.loads);
    world.events.committed();
    tellLedger(world.db, done.draft);
    for (const key of done.draft.ready) ready.add(key);
    for (const going of done.adopted) world.attempts.begin(going, true);
  }
}
async function takeOverSome(world: TakeOverWorld, tx: Tx, worker: string) {
  const now = world.clock.now();
  // What was begun under a lease while that lease was being cleared away is found by its having none.
  const dead = (await lockExpired(tx, now))[0]?.id ?? (await selectGoneWorker(tx));
  // Our own lease may have been ended by others, which the next beat will notice.
  if (dead === undefined || dead === worker) return undefined;
  const draft = newDraft();
  const found = await selectRunningOf(tx, dead, AT_ONCE);
  if (found.length === 0) {
    await deleteServer(tx, dead);
    return { draft, adopted: [], loads: [] };
  }
  // Tasks before attempts, as whoever settles or cancels locks them.
  await lockTasks(tx, [...new Set(found.map((row) => row.task_id))]);
  const rows = await lockRunning(
    tx,
    dead,
    found.map((row) => row.id),
  );
  const kept = rows.filter((row) => mayBeHeld(world, row, dead));
  const adopted = await Promise.all(kept.map((row) => toGoing(tx, { ...row, worker })));
  if (kept.length > 0)
    await transferAttempts(
      tx,
      worker,
      kept.map((row) => row.id),
    );
  const lost = rows.filter((row) => !kept.includes(row));
  const endings = await Promise.all(
    lost.map(async (row) => {
      const neverRan = row.signal === SIGNAL.takeUp;
      return toEnding(await toGoing(tx, row), neverRan ? NEVER_TAKEN_UP : SERVER_GONE, { neverRan });
    }),
  );
  if (endings.length > 0) await settleEndings(toSettleWorld(world), tx, dead, endings, now, draft);
  return { draft, adopted, loads: await writeDraft(tx, draft, await lockDraft(tx, draft, now), world) };
}
const toSettleWorld = ({ registry, random, estimates }: TakeOverWorld): SettleWorld => ({ index: registry.index, random, estimates });
/**
 * Whether the agent may still be working on it, so that it is worth waiting for: an agent that dialled in, was offered it,
 * and is connected nowhere. One that is connected again said what it holds, and that is not under the dead lease any more.
 */
function mayBeHeld({ registry }: TakeOverWorld, row: AttemptRow, dead: string): boolean {
  const known = registry.find(row.agent_id);
  if (known?.connector.kind !== ("dialin" satisfies ConnectorSettings["kind"]) || row.signal === SIGNAL.takeUp) return false;
  return known.row.connected_to === dead || !registry.isAttached(known);
}
export async function toGoing(tx: Tx, row: AttemptRow): Promise<Going> {
  const step = (await selectStepOf(tx, row.task_id, row.step_id)) as ReadyStep;
  const hold = row.hold === null ? undefined : (JSON.parse(row.hold) as Hold);
  return { attemptId: row.id, agentId: row.agent_id, worker: row.worker, number: row.number, fence: row.fence, startedAt: row.started_at, hold, step };
}

/** Takes up what others handed to this server, and stops what they ask to stop. */
export async function heedSignals(world: TakeOverWorld): Promise<void> {
  const worker = world.lease();
  if (worker === undefined) return;
  const taken = await world.db.transaction(async (tx) => Promise.all((await takeUpSignalled(tx, worker)).map((row) => toGoing(tx, row))));
  for (const going of taken) world.attempts.begin(going);
  const signalled = await selectSignalled(world.db, worker);
  const those = (signal: number): string[] => signalled.filter((row) => row.signal === signal).map((row) => row.id);
  world.attempts.stop(those(SIGNAL.stop), "cancelled");
  world.attempts.stop(those(SIGNAL.restart), "restarted");
}
/** An agent has told what it holds by now, if it was to be adopted with it. */
const MOVED_MS = 1000;
/** Lets go of what agents that are connected to another server do not hold any more: whoever they hold it for has adopted it. */
export function letGoOfMoved(world: TakeOverWorld): void {
  const worker = world.lease();
  const now = world.clock.now();
  const moved = world.attempts.all().filter(({ going }) => {
    const known = world.registry.find(going.agentId);
    if (known?.connector.kind !== ("dialin" satisfies ConnectorSettings["kind"]) || !world.registry.isAttached(known)) return false;
    return known.row.connected_to !== worker && now - Math.max(known.row.connected_at ?? now, going.startedAt) > MOVED_MS;
  });
  world.attempts.stop(
    moved.map(({ going }) => going.attemptId),
    "moved",
  );
}
/**
 * Begins what runs under this server's lease and was never begun here: a commit that worked although the connection broke
 * before it said so. What is to be stopped is ended instead: another server handed it to this one and cancelled it. @param suspected whether it looked so at the last poll too. @returns whether it looks so now.
 */
export async function beginStrays(world: TakeOverWorld, suspected: boolean): Promise<boolean> {
  const worker = world.lease();
  if (worker === undefined) return false;
  const size = world.attempts.size;
  if ((await countRunningOf(world.db, worker)) <= size) return false;
  // What was committed a moment ago is begun in this moment: only what stays is a stray.
  if (!suspected) return true;
  const before = new Set(world.attempts.all().map(({ going }) => going.attemptId));
  const running = await selectRunningOf(world.db, worker, 100_000);
  const strays = running.filter(({ id }) => !before.has(id) && !world.attempts.find(id)).map(({ id }) => id);
  const found = await world.db.transaction(async (tx) => {
    const rows = await lockRunning(tx, worker, strays);
    return Promise.all(rows.map(async (row) => ({ going: await toGoing(tx, row), isStopped: row.signal === SIGNAL.stop })));
  });
  for (const { going, isStopped } of found) if (!isStopped) world.attempts.begin(going);
  const endings = found.filter(({ isStopped }) => isStopped).map(({ going }) => toEnding(going, NEVER_BEGUN, { neverRan: true }));
  if (endings.length > 0)
    await commitDraft(world, async (tx, draft) => {
      await settleEndings(toSettleWorld(world), tx, worker, endings, world.clock.now(), draft);
    });
  return false;
}
/** Steps whose pause between tries is over. @returns their lines. */
export async function wakeDelayed(world: TakeOverWorld): Promise<Set<string>> {
  const woken = await world.db.transaction((tx) => dueDelayed(tx, world.clock.now(), AT_ONCE * 5));
  return new Set(woken.map((row) => row.route_key));
}
/** Ends tasks whose deadline has passed. */
export async function endOverdue(world: TakeOverWorld): Promise<Draft | undefined> {
  const now = world.clock.now();
  const due = await selectOverdue(world.db, now, AT_ONCE);
  if (due.length === 0) return undefined;
  return commitDraft(world, async (tx, draft) => {
    const tasks = (
      await lockTasks(
        tx,
        due.map((row) => row.id),
      )
    ).filter((task) => task.completed_at === null);
    for (const task of tasks) {
      const deadline = new Date(task.deadline_at as number).toISOString();
      const detail = `The deadline ${deadline} passed with ${task.steps_left} of ${task.steps_total} steps to go.`;
      await failTask(tx, task, { kind: "timeout", detail }, "The task's deadline passed.", now, draft);
    }
  });
}
