// The attempts this server carries out now: each is handed to its agent's connector, watched for its time limit, and settled
// with what came of it. Nothing here decides what an outcome means.
import { type ConnectorSettings, type Outcome, Refusal, type Update, type WorkPlace } from "@baton/contract";
import { type Registry, toConnectorAgent } from "../agents/agents.ts";
import type { Amount } from "../budgets/budgets.ts";
import type { Connector } from "../connectors/connector.ts";
import type { Log } from "../std/log.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { type ContextWorld, openContext, type WatchedContext } from "./attempt-context.ts";
import { type Going, toEnding, toStorable, type WorkDone } from "./going.ts";
import { inPlace } from "./place-work.ts";
import { type StopReason, toHappening } from "./stopped.ts";
import { handAllTools, type HandToolsWorld } from "./hand-tools.ts";
import { type Meter, openMeter } from "./meter.ts";
import type { Judged } from "./step-check.ts";
import type { Happening } from "./task-machine.ts";
import type { Ending } from "./ending.ts";
import type { Settled } from "./turn-settle.ts";
import { toWork, withPrefix } from "./work.ts";
import type { enterPlace } from "./work-place.ts";

export interface AttemptsWorld extends ContextWorld, HandToolsWorld {
  db: Db;
  log: Log;
  seal: Seal;
  registry: Registry;
  connectorOf(kind: ConnectorSettings["kind"]): Connector;
  /** How an attempt that somebody else began is waited for; only kinds whose agents keep working without us. */
  adopt: Connector["carryOut"];
  settle(ending: Ending, worker: string): Promise<Settled>;
  /** Where it is worked on, if in a workspace. */
  enterPlace(attempt: Going, signal: AbortSignal): ReturnType<typeof enterPlace>;
  /** Whether work that its agent calls done is done. */
  checkWork(outcome: Outcome & { ok: true }, done: WorkDone): Promise<Judged>;
  /** Writes what was told of the attempt before it ends. */
  endUpdates(attempt: Going): Promise<void>;
  /** More for an attempt that has spent this; see extend-hold. */
  extendHold(attempt: Going, spent: Amount): Promise<Amount | string | undefined>;
  defaultTimeoutMs: number;
}
export interface Attempts {
  begin(going: Going, adopted?: boolean): void;
  find(attemptId: string): Going | undefined;
  all(): { going: Going; adopted: boolean }[];
  /** Resolves when the connector has been given the attempt, so that what its agent says of it finds somebody. */
  handedOver(attemptId: string): Promise<void>;
  /** What became of an attempt's end once it is stored; undefined when it is not carried out here. */
  settlementOf(attemptId: string): Promise<Settled> | undefined;
  stop(attemptIds: readonly string[], reason: StopReason): void;
  /** Ends everything this server carries out; agents that keep working without us are only let go of. */
  release(reason: "fenced" | "released"): void;
  readonly size: number;
  /** Ends the looking for silence; what is going goes on. */
  close(): void;
  /** Resolves when nothing is going, or after `ms`. */
  drained(ms: number): Promise<void>;
}
interface Entry {
  going: Going;
  adopted: boolean;
  isHandedOver: boolean;
  /** Who waits for that. */
  awaiting: (() => void)[];
  abort: AbortController;
  stopped: StopReason | undefined;
  /** Why it was braked, or has overspent. */
  braked: string;
  /** What is wrong with its work, for its agent. */
  sendBack: Judged["sendBack"];
  context: WatchedContext | undefined;
  /** Its agent has told what it had to tell. */
  isTold: boolean;
  /** Of an attempt that budgets know of. */
  meter: Meter | undefined;
  settlement: Promise<Settled>;
  /** Goes on without a connector that does not end. */
  giveUp: (() => void) | undefined;
}
/** Told by identity: nothing was stored, and the attempt goes on without this server. */
export const UNSETTLED: Settled = { accepted: false, reason: "This server gave the attempt up; whoever serves it next asks for it." };
const SILENCE_LOOK_MS = 1000;
/** A connector has 2 s to end after its signal; after this long we go on without it. */
export const GIVE_UP_MS = 5000;

export function openAttempts(world: AttemptsWorld): Attempts {
  const going = new Map<string, Entry>();
  const waiters = new Set<() => void>();
  const looking = setInterval(() => {
    for (const { context, meter, isTold } of going.values()) {
      if (!isTold) context?.checkSilence();
      meter?.look();
    }
  }, SILENCE_LOOK_MS);
  looking.unref();

  function begin(one: Going, adopted = false): void {
    const older = going.get(one.attemptId);
    if (older && older.going.fence >= one.fence) return;
    // It went away from us and came back with a new fence: whoever still waits under the old one is no longer asked.
    if (older) stop([one.attemptId], "fenced");
    const entry = toEntry(one, adopted);
    going.set(one.attemptId, entry);
    entry.settlement = attend(entry);
  }
  async function attend(entry: Entry): Promise<Settled> {
    const { attemptId } = entry.going;
    try {
      const happening = await carryOut(entry).catch((error: unknown) => toAccident(world, entry.going, error));
      return await finish(entry, happening);
    } catch (error) {
      world.log.error({ err: error, attemptId }, "an attempt could not be settled; its lease will run out");
      return UNSETTLED;
    } finally {
      handOver(entry);
      if (going.get(attemptId) === entry) going.delete(attemptId);
      if (going.size === 0) for (const resolve of waiters) resolve();
    }
  }
  function handOver(entry: Entry): void {
    entry.isHandedOver = true;
    for (const resolve of entry.awaiting.splice(0)) resolve();
  }
  async function carryOut(entry: Entry): Promise<Happening> {
    const entered = await world.enterPlace(entry.going, entry.abort.signal);
    if (entered && "ok" in entered) return entered;
    try {
      return await carryOutAt(entry, entered?.place);
    } finally {
      // What is done next may begin as soon as this has ended: what is there then is its own.
      await entered?.leave();
    }
  }
  async function carryOutAt(entry: Entry, place: WorkPlace | undefined): Promise<Happening> {
    const { going: one, adopted, abort } = entry;
    const known = world.registry.find(one.agentId);
    if (!known) return { ok: false, kind: "unavailable", detail: "The agent was removed." };
    const registered = toConnectorAgent(known, world.seal);
    // A program that is started for each attempt finds what its workspace has for it; one that lives on has the environment it was started with.
    const ofPlace = world.connectorOf(known.connector.kind).living ? {} : place?.environment;
    const agent = { ...registered, environment: { ...ofPlace, ...registered.environment } };
    // What its workspace took to be made is not its time.
    const startedAt = place ? world.clock.now() : one.startedAt;
    const made = await toWork(world.db, one, startedAt, world.defaultTimeoutMs, agent.resourceLimits.timeoutMs).catch((error: unknown) => {
      if (error instanceof Refusal && error.code !== "unavailable") return error;
      throw error;
    });
    if (made instanceof Refusal) return { ok: false, kind: "agent_error", detail: `The step's input could not be made: ${made.message}` };
    const work = place ? await inPlace(world, made, place, one.agentId) : made;
    // Stopped meanwhile, it is not handed over: a newer one of the same attempt may be with its agent already.
    if (entry.stopped) return toHappening({ ok: false, kind: "cancelled", detail: "" }, entry, work.timeoutMs);
    const endAs =
      (reason: StopReason) =>
      (detail: string): void => {
        entry.braked = detail;
        stopEntry(entry, reason);
      };
    const heed = (update: Update): void => entry.meter?.heed(update);
    const toolServers = await handAllTools(world, one, known);
    if (!Array.isArray(toolServers)) return toolServers;
    const context = openContext(world, { going: one, brakes: known.brakes, toolServers, abort, heed, brake: endAs("braked") });
    entry.context = context;
    const { hold } = one;
    const ranMs = (): number => world.clock.now() - one.startedAt - context.askedMs();
    if (hold) entry.meter = openMeter({ hold, ranMs, extend: (spent) => world.extendHold(one, spent), stop: endAs("overspent") });
    const leftMs = (): number => startedAt + work.timeoutMs + context.askedMs() - world.clock.now();
    let limit: NodeJS.Timeout | undefined;
    // What a person takes to answer is not the agent's time: looked at again when the rest is over.
    const waitOut = (ms: number): void => {
      limit = setTimeout(() => (leftMs() > 0 ? waitOut(leftMs()) : stopEntry(entry, "timeout")), ms);
    };
    // Of all of it at first, though some has passed: timers of one length are kept in one list.
    waitOut(work.timeoutMs);
    let given: Outcome;
    try {
      const connector = world.connectorOf(known.connector.kind);
      const handed = withPrefix(work, connector, agent.persona);
      const outcome = adopted ? world.adopt(agent, work, context) : connector.carryOut(agent, handed, context);
      handOver(entry);
      given = await new Promise<Outcome>((resolve, reject) => {
        entry.giveUp = () => resolve({ ok: false, kind: "cancelled", detail: `It did not end within ${GIVE_UP_MS / 1000} s of being told to.` });
        if (entry.stopped) setTimeout(entry.giveUp, GIVE_UP_MS).unref();
        outcome.then(resolve, reject);
      });
      given = context.settle(given);
    } finally {
      clearTimeout(limit);
      entry.isTold = true;
    }
    if (given.ok && entry.stopped === undefined) {
      const note = (text: string): void => context.onUpdate({ kind: "note", text });
      const judged = await world.checkWork(given, { going: one, agent, work, abort, note });
      entry.sendBack = judged.sendBack;
      return toHappening(judged.outcome, entry, work.timeoutMs);
    }
    return toHappening(given, entry, work.timeoutMs);
  }
  async function finish(entry: Entry, happening: Happening): Promise<Settled> {
    const { going: one } = entry;
    const dialsIn = world.registry.find(one.agentId)?.connector.kind === "dialin";
    // The agent works on without us and comes back to whoever serves it next: its lease is left to be taken over.
    if ((entry.stopped === "released" || entry.stopped === "fenced") && dialsIn && !happening.ok) return UNSETTLED;
    await world.endUpdates(one);
    const more = { neverRan: entry.context === undefined, askedMs: entry.context?.askedMs() ?? 0 };
    // Fenced off, it is handed in all the same: the store knows whether somebody has it by now, and records the refusal.
    const sendBack = entry.sendBack && !happening.ok && happening.kind === "gate" ? { sendBack: entry.sendBack } : {};
    return world.settle({ ...toEnding(one, withTold(happening, entry.meter), more), ...sendBack }, one.worker).catch((error: unknown) => {
      world.log.error({ err: error, attemptId: one.attemptId }, "what an attempt came to could not be stored; it is recorded as failed");
      return world.settle(toEnding(one, { ok: false, kind: "agent_error", detail: "What it came to could not be stored." }, more), one.worker);
    });
  }
  function stop(attemptIds: readonly string[], reason: StopReason): void {
    for (const id of attemptIds) {
      const entry = going.get(id);
      if (entry) stopEntry(entry, reason);
    }
  }
  function stopEntry(entry: Entry, reason: StopReason): void {
    if (entry.stopped) return;
    entry.stopped = reason;
    entry.abort.abort(reason);
    if (entry.giveUp) setTimeout(entry.giveUp, GIVE_UP_MS).unref();
  }
  return {
    begin,
    find: (id) => going.get(id)?.going,
    all: () => [...going.values()].map((entry) => ({ going: entry.going, adopted: entry.adopted })),
    handedOver: async (id) => {
      const entry = going.get(id);
      if (entry && !entry.isHandedOver) await new Promise<void>((resolve) => entry.awaiting.push(resolve));
    },
    settlementOf: (id) => going.get(id)?.settlement,
    stop,
    release: (reason) => stop([...going.keys()], reason),
    close: () => clearInterval(looking),
    get size() {
      return going.size;
    },
    drained: (ms) =>
      new Promise<void>((resolve) => {
        if (going.size === 0) return resolve();
        const done = () => {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        waiters.add(done);
      }),
  };
}

function toEntry(going: Going, adopted: boolean): Entry {
  return {
    going,
    adopted,
    isHandedOver: false,
    awaiting: [],
    abort: new AbortController(),
    stopped: undefined,
    braked: "",
    sendBack: undefined,
    context: undefined,
    isTold: false,
    meter: undefined,
    settlement: Promise.resolve(UNSETTLED),
    giveUp: undefined,
  };
}
/** What must not happen: begun again, it would happen again. Only a store that did not answer is no fault of this attempt. */
function toAccident({ db, log }: AttemptsWorld, { attemptId }: Going, error: unknown): Happening {
  if (db.isTransient(error) || (error instanceof Refusal && error.code === "unavailable"))
    return { ok: false, kind: "released", detail: "The store did not answer when it was to begin; another attempt follows." };
  log.error({ err: error, attemptId }, "an attempt failed inside; it is recorded as failed");
  return { ok: false, kind: "agent_error", detail: `It could not be carried out: ${toStorable(error instanceof Error ? error.message : String(error))}` };
}
const isNobodys = (happening: Happening): happening is Exclude<Happening, Outcome> =>
  !happening.ok && (happening.kind === "lost" || happening.kind === "released");
/** What it told on the way, where its end does not tell it. */
function withTold(happening: Happening, meter: Meter | undefined): Happening {
  if (!meter || isNobodys(happening)) return happening;
  const { usage, cost } = meter.told();
  return { ...happening, usage: happening.usage ?? usage, cost: happening.cost ?? cost };
}
