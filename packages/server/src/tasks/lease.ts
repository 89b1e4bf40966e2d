// This server's lease: one row, renewed while the server lives. All attempts it begins are under it, so that keeping ten
// thousand of them alive costs one write. A server that could not renew in time stops what it does and begins anew.
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { type Db, tryAgain } from "../store/db.ts";
import { expireServers, insertServer, renewServer, selectServers } from "./attempt-rows.ts";

export interface LeaseWorld {
  db: Db;
  clock: Clock;
  log: Log;
  newId(): string;
  serverName: string;
  leaseMs: number;
  /** The lease was lost: others may be carrying out what this server began. */
  onLost(): void;
  onServers(live: string[]): void;
}
export interface Lease {
  /** Its number while it is held; undefined while nothing may be begun. */
  current(): string | undefined;
  /** Renews, at a third of the lease's time. */
  beat(): Promise<void>;
  /** Gives it up, so that others take over at once what is left. */
  end(): Promise<void>;
}

export async function openLease(world: LeaseWorld): Promise<Lease> {
  let id = world.newId();
  let until = 0;
  let ended = false;

  async function begin(): Promise<void> {
    const now = world.clock.now();
    await tryAgain(world.db, () =>
      world.db.transaction(async (tx) => {
        await insertServer(tx, id, world.serverName, now, now + world.leaseMs);
        // On a store of one process whoever held a lease before is dead: the file lock says so.
        if (world.db.dialect === "sqlite") await expireServers(tx, id, now);
      }),
    );
    until = now + world.leaseMs;
  }
  async function tellServers(): Promise<void> {
    const now = world.clock.now();
    world.onServers((await selectServers(world.db)).filter((server) => server.lease_until >= now).map((server) => server.id));
  }
  async function lose(reason: string): Promise<void> {
    world.log.warn({ server: id, reason }, "the lease was lost; what this server carried out is left to others");
    until = 0;
    world.onLost();
    id = world.newId();
    await begin();
  }
  async function beat(): Promise<void> {
    if (ended) return;
    const now = world.clock.now();
    if (now > until) return lose("it ran out").then(tellServers);
    const kept = await world.db.transaction((tx) => renewServer(tx, id, now + world.leaseMs));
    if (!kept) return lose("others ended it").then(tellServers);
    until = now + world.leaseMs;
    await tellServers();
  }
  await begin();
  await tellServers();
  return {
    current: () => (!ended && world.clock.now() <= until ? id : undefined),
    beat,
    end: async () => {
      ended = true;
      // Its row goes once nothing runs under it; until then it counts as run out.
      await world.db.transaction((tx) => renewServer(tx, id, world.clock.now() - 1));
    },
  };
}
