// Changes of agents that come together are written in one transaction: ten thousand that dial in at once are fifty commits, one that dials in alone
// is written at once.
import { Refusal } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { openInbox } from "../std/batch.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { stampChange } from "./agent-rows.ts";
import type { Registry } from "./registry.ts";

export const AGENTS_CHANNEL = "baton_agents";

export interface AgentChange {
  id: string;
  /** A change without an event of its own still takes a number: copies of the registry follow by it. */
  event: NewEvent | undefined;
  unchanged?: boolean;
}
/** Others are written in the same transaction: who refuses has written nothing before. */
export type WriteAgent = (tx: Tx) => Promise<AgentChange>;
export interface AgentChanges {
  /**
   * Resolves with the agent's id once the change is stored and this server's registry knows it.
   * @param prepare runs once it is stored and before this server offers the agent any work.
   * @throws Refusal that of `write`; `unavailable` when the store is away.
   */
  make(write: WriteAgent, prepare?: (id: string) => Promise<void>): Promise<string>;
}
interface Waiting {
  write: WriteAgent;
  prepare: ((id: string) => Promise<void>) | undefined;
  resolve(id: string): void;
  reject(error: unknown): void;
}
interface Written {
  of: Waiting;
  change: AgentChange;
}
const MAX_TOGETHER = 200;

export function openAgentChanges(world: { db: Db; events: EventLog; registry: Registry }): AgentChanges {
  const inbox = openInbox<Waiting>(() => 1);
  let isRunning = false;
  async function run(): Promise<void> {
    // Let everything that arrives in this tick of the loop come along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (inbox.length > 0) await write(inbox.take(MAX_TOGETHER, MAX_TOGETHER));
    isRunning = false;
  }
  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      const { written, refused } = await tryAgain(world.db, () => world.db.transaction((tx) => writeAll(world.events, tx, batch)));
      for (const [one, refusal] of refused) one.reject(refusal);
      // The next are written meanwhile.
      void publish(written);
    } catch (error) {
      if (error instanceof Refusal || batch.length === 1) for (const one of batch) one.reject(error);
      // One that cannot be written does not take the others with it.
      else for (const one of batch) await write([one]);
    }
  }
  async function publish(written: readonly Written[]): Promise<void> {
    try {
      const ready = await Promise.all(written.map(prepare));
      if (written.some(({ change }) => !change.unchanged)) {
        await world.registry.refresh();
        world.events.committed();
        world.db.notify(AGENTS_CHANNEL);
      }
      for (const one of ready) one?.of.resolve(one.change.id);
    } catch (error) {
      for (const { of } of written) of.reject(error);
    }
  }
  return {
    make: (change, prepared) =>
      new Promise((resolve, reject) => {
        inbox.push({ write: change, prepare: prepared, resolve, reject });
        if (isRunning) return;
        isRunning = true;
        void run();
      }),
  };
}

async function writeAll(events: EventLog, tx: Tx, batch: readonly Waiting[]): Promise<{ written: Written[]; refused: [Waiting, Refusal][] }> {
  const written: Written[] = [];
  const refused: [Waiting, Refusal][] = [];
  for (const one of batch) {
    try {
      written.push({ of: one, change: await one.write(tx) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push([one, error]);
    }
  }
  const changed = written.map(({ change }) => change).filter(({ unchanged }) => !unchanged);
  const last = await events.append(
    tx,
    changed.map(({ id, event }) => event ?? { type: "agent.updated", agentId: id, data: { fields: ["observation"] } }),
  );
  changed.forEach(({ id }, at) => tx.leave(stampChange(tx, id, last - changed.length + 1 + at)));
  return { written, refused };
}

/** @returns nothing when it could not be prepared, which its caller is told. */
async function prepare(written: Written): Promise<Written | undefined> {
  try {
    if (!written.change.unchanged) await written.of.prepare?.(written.change.id);
    return written;
  } catch (error) {
    written.of.reject(error);
    return undefined;
  }
}
