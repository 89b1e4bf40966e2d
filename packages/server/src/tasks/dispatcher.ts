// What keeps a server's work going: its lease, the turn, the attempts under way, and the poll that finds what hints missed.
// Started and stopped by the app; stopped, it drains, gives back what it could not finish, and ends its lease.
import { AGENTS_CHANNEL, checkAgentHealth, type AgentsWorld } from "../agents/agents.ts";
import { BUDGETS_CHANNEL, nextToRenew, type StandingBudgets } from "../budgets/budgets.ts";
import type { Sight } from "../conflicts/conflicts.ts";
import type { Connector } from "../connectors/connector.ts";
import { parseRouteKey } from "../routing/route-key.ts";
import type { Programs } from "../programs/programs.ts";
import type { SessionSettings } from "../sessions/sessions.ts";
import type { Log } from "../std/log.ts";
import { type Attempts, GIVE_UP_MS, openAttempts, type AttemptsWorld } from "./attempts.ts";
import { nextToExpire } from "../approvals/approvals.ts";
import { expireApprovals } from "./approval-settled.ts";
import { takeBackBudgeted } from "./budget-line.ts";
import { checkOutput } from "./output-check.ts";
import { openLease, type Lease } from "./lease.ts";
import { openProgress } from "./progress.ts";
import type { Draft } from "./draft.ts";
import { extendHold } from "./extend-hold.ts";
import { growDue } from "./grow-due.ts";
import { queueConflicts } from "./in-the-way.ts";
import { openQuestions, withdrawForsaken } from "./questions.ts";
import { beginStrays, endOverdue, heedSignals, letGoOfMoved, takeOverExpired, wakeDelayed, type TakeOverWorld } from "./take-over.ts";
import { openEstimates } from "./spending.ts";
import { nextDelayed, selectKeys } from "./step-rows.ts";
import { nextToGrow } from "./task-rows.ts";
import { checkWork } from "./step-check.ts";
import { summarizeDue } from "./summarize.ts";
import { openTurn, type Turn } from "./turn.ts";
import { openUpdates } from "./updates.ts";
import type { WorkspacesWorld } from "../workspaces/workspaces.ts";
import { enterPlace } from "./work-place.ts";

export interface DispatcherSettings extends SessionSettings {
  serverName: string;
  leaseMs: number;
  /** How late anything may be noticed when every hint is lost. */
  pollMs: number;
  healthCheckMs: number;
  maxConcurrentAttempts: number;
  defaultTimeoutMs: number;
  /** How long a stopping server waits for what it carries out. */
  drainMs: number;
}
export interface DispatcherWorld extends AgentsWorld, Pick<WorkspacesWorld, "git" | "workspaces"> {
  random(): number;
  log: Log;
  budgets: StandingBudgets;
  sight: Sight;
  /** Waits for an attempt that its agent works on already. */
  adopt: Connector["carryOut"];
  /** Those of checks. */
  programs: Programs;
  checksDirectory: string;
  settings: DispatcherSettings;
  ownTools: AttemptsWorld["ownTools"];
}
export interface Dispatcher {
  turn: Turn;
  attempts: Attempts;
  lease(): string | undefined;
  /** Called when this server's lease was lost: who is connected is connected under it, and nobody knows any more. */
  onLeaseLost(listener: () => void): void;
  callOthers(): void;
  stop(): Promise<void>;
}
export const WORK_CHANNEL = "baton_work";

export async function openDispatcher(world: DispatcherWorld): Promise<Dispatcher> {
  const { settings, registry } = world;
  const progress = openProgress(world);
  const updates = openUpdates(world);
  const questions = openQuestions(world);
  const estimates = openEstimates();
  const mourners = new Set<() => void>();
  const checking = { ...world, index: registry.index };
  const attempts = openAttempts({
    ...world,
    defaultTimeoutMs: settings.defaultTimeoutMs,
    settle: (ending, worker) => turn.settle(checkOutput(registry.index, ending), worker),
    onProgress: progress.note,
    onUpdate: updates.note,
    endUpdates: updates.end,
    extendHold: (attempt, spent) => extendHold(world, attempt, spent),
    enterPlace: (attempt, signal) => enterPlace(world, attempt, signal),
    checkWork: (outcome, work) => checkWork(checking, outcome, work),
    questions,
  });
  const callOthers = () => world.db.notify(WORK_CHANNEL);
  const turn: Turn = openTurn({
    ...world,
    estimates,
    lease: () => lease.current(),
    room: () => settings.maxConcurrentAttempts - attempts.size,
    begin: (claim) => attempts.begin({ ...claim, fence: 1 }),
    stop: (ids) => attempts.stop(ids, "cancelled"),
    callOthers,
  });
  const lease: Lease = await openLease({
    ...world,
    serverName: settings.serverName,
    leaseMs: settings.leaseMs,
    onLost: () => {
      attempts.release("fenced");
      for (const listener of mourners) listener();
    },
    onServers: (live) => registry.setLiveServers(live),
  });
  const scope: TakeOverWorld = { ...world, estimates, attempts, lease: () => lease.current() };
  registry.onChange(() => turn.reconsider());
  const stopAll = (stopped: Draft["stopped"]): void => {
    attempts.stop(
      stopped.map((one) => one.id),
      "cancelled",
    );
    if (stopped.some((one) => one.worker !== lease.current())) callOthers();
  };
  let suspected = false;
  const loop = openLoop(world, settings.pollMs, async () => {
    await registry.refresh();
    await world.budgets.refresh();
    turn.announce(await takeOverExpired(scope));
    await heedSignals(scope);
    await withdrawForsaken(world);
    letGoOfMoved(scope);
    suspected = await beginStrays(scope, suspected);
    turn.announce(await wakeDelayed(scope));
    turn.announce(await takeBackBudgeted(scope));
    for (const { ready, stopped } of [...(await expireApprovals(scope)), ...(await growDue(scope)), ...(await queueConflicts(world))]) {
      turn.announce(ready);
      stopAll(stopped);
    }
    await summarizeDue({ ...scope, newId: world.newId, log: world.log, turn });
    const overdue = await endOverdue(scope);
    if (overdue) stopAll(overdue.stopped);
    if (world.db.dialect === "postgres") await registry.refreshLoads();
    const keys = await selectKeys(world.db, "ready");
    if (keys.length > 0) turn.announce(keys);
    const setAside = await selectKeys(world.db, "waiting");
    if (setAside.some((key) => registry.index.couldServe(parseRouteKey(key)))) turn.reconsider();
    const soonest = [
      registry.unpark(),
      await nextDelayed(world.db),
      await nextToGrow(world.db),
      await nextToExpire(world.db),
      await nextToRenew(world.db),
    ].filter((at) => at !== undefined);
    return soonest.length === 0 ? undefined : Math.min(...soonest);
  });
  registry.onParked(loop.wake);
  // Whoever may have become able to take work is told of by the registry itself.
  const refresh = () =>
    void registry.refresh().catch((error: unknown) => world.log.warn({ error: String(error) }, "changes of agents could not be read; the poll does"));
  const beats = every(settings.leaseMs / 3, () => lease.beat(), world.log, "the lease could not be renewed");
  const checks = every(settings.healthCheckMs, () => checkHealth(world), world.log, "agents could not be checked");
  const deaf = await Promise.all([
    world.db.onNotify(WORK_CHANNEL, loop.wake),
    world.db.onNotify(AGENTS_CHANNEL, refresh),
    world.db.onNotify(BUDGETS_CHANNEL, loop.wake),
  ]);
  loop.wake();
  return {
    turn,
    attempts,
    lease: () => lease.current(),
    onLeaseLost: (listener) => void mourners.add(listener),
    callOthers,
    stop: async () => {
      checks();
      await Promise.all(deaf.map((stop) => stop()));
      await loop.stop();
      const settled = turn.close();
      await attempts.drained(settings.drainMs);
      attempts.release("released");
      // However short the drain: what is not given back in order counts as lost.
      await attempts.drained(GIVE_UP_MS + 1000);
      await settled;
      await turn.close();
      beats();
      attempts.close();
      questions.close();
      await Promise.all([progress.close(), updates.close()]);
      await lease.end();
      callOthers();
    },
  };
}

/** Asks the agents that can be asked, a few at a time, and writes only news. */
async function checkHealth(world: DispatcherWorld): Promise<void> {
  const asked = world.registry.all().filter(({ connector, row }) => world.connectorOf(connector.kind).observe !== undefined && row.enabled === 1);
  for (let at = 0; at < asked.length; at += 20) {
    const answers = await Promise.allSettled(asked.slice(at, at + 20).map(({ row }) => checkAgentHealth(world, row.id, true)));
    for (const answer of answers) if (answer.status === "rejected") world.log.debug({ reason: String(answer.reason) }, "an agent could not be checked");
  }
}
function every(ms: number, work: () => Promise<void>, log: Log, complaint: string): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    work()
      .catch((error: unknown) => log.warn({ error: String(error) }, complaint))
      .finally(() => {
        busy = false;
      });
  }, ms);
  return () => clearInterval(timer);
}
/** Runs `work` when woken and at every poll, one at a time; `work` may say when (in clock time) it wants to run again sooner. */
function openLoop({ log, clock }: DispatcherWorld, pollMs: number, work: () => Promise<number | undefined>) {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  async function run(): Promise<void> {
    let wait = pollMs;
    try {
      const next = await work();
      if (next !== undefined) wait = Math.max(10, Math.min(pollMs, next - clock.now()));
    } catch (error) {
      log.warn({ error: String(error) }, "the poll failed; the next one follows");
    }
    if (!stopped) timer = setTimeout(wake, again ? 0 : wait);
    again = false;
  }
  function wake(): void {
    clearTimeout(timer);
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = run().finally(() => {
      running = undefined;
    });
  }
  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
