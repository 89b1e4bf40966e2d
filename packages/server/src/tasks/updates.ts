// What agents do and say while they work, kept with the attempt: gathered for a moment, joined, bounded, and written for all attempts
// in one transaction. The log only says that there is more to read. What is in memory when a server dies is lost.
import { type KeptUpdate, Refusal, type Update } from "@baton/contract";
import type { EventLog } from "../events/events.ts";
import { iso, type Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import { selectAttempt } from "./attempt-rows.ts";
import type { Going } from "./going.ts";
import { joinUpdate } from "./join-updates.ts";
import { insertUpdates, lastUpdate, selectUpdates } from "./update-rows.ts";

const GAP_MS = 250;
/** How much is kept of one attempt, in characters of JSON and in updates; then one note says that there was more. */
const MAX_CHARS = 2 << 20;
const MAX_UPDATES = 5000;
const MORE: Update = { kind: "note", text: "The agent said and did more than is kept of one attempt." };

interface Gathered {
  going: Going;
  updates: Update[];
  /** Undefined until it was asked how many there are already: another server may have begun the attempt. */
  n: number | undefined;
  chars: number;
  isFull: boolean;
}
export interface Updates {
  note(going: Going, update: Update): void;
  /** Writes what has gathered of an attempt before it ends, and forgets it. Never rejects. */
  end(going: Going): Promise<void>;
  close(): Promise<void>;
}

export function openUpdates(world: { db: Db; clock: Clock; events: EventLog; log: Log }): Updates {
  const open = new Map<string, Gathered>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const batch = [...open.values()].filter((one) => one.updates.length > 0);
    if (batch.length === 0) return;
    await Promise.all(
      batch.filter((one) => one.n === undefined).map(async (one) => void (one.n = one.going.fence > 1 ? await lastUpdate(world.db, one.going.attemptId) : 0)),
    );
    const at = world.clock.now();
    const items = batch.flatMap((one) =>
      take(one).map((data) => ({ attempt_id: one.going.attemptId, fence: one.going.fence, n: (one.n = (one.n ?? 0) + 1), at, data })),
    );
    if (items.length === 0) return;
    await world.db.transaction(async (tx) => {
      const upTo = new Map<string, number>();
      for (const { attempt_id, n } of await insertUpdates(tx, items)) upTo.set(attempt_id, Math.max(n, upTo.get(attempt_id) ?? 0));
      await world.events.append(
        tx,
        batch.flatMap(({ going }) => {
          const last = upTo.get(going.attemptId);
          if (last === undefined) return [];
          return [
            {
              type: "attempt.updated" as const,
              taskId: going.step.task_id,
              stepId: going.step.step_id,
              attemptId: going.attemptId,
              agentId: going.agentId,
              data: { upTo: last },
            },
          ];
        }),
      );
    });
    world.events.committed();
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch((error: unknown) => world.log.debug({ error: String(error) }, "what agents said could not be written"));
    return writing;
  };
  return {
    note: (going, update) => {
      const one = open.get(going.attemptId);
      const gathered = one?.going === going ? one : { going, updates: [], n: undefined, chars: 0, isFull: false };
      if (one !== gathered) open.set(going.attemptId, gathered);
      if (gathered.isFull) return;
      joinUpdate(gathered.updates, update);
      timer ??= setTimeout(() => void flush(), GAP_MS);
    },
    end: async (going) => {
      const one = open.get(going.attemptId);
      if (one?.going !== going) return;
      if (one.updates.length > 0) await flush();
      open.delete(going.attemptId);
    },
    close: flush,
  };
}
/** What is to be written of it now, as JSON, within its bounds. */
function take(one: Gathered): string[] {
  const taken: string[] = [];
  for (const update of one.updates) {
    const data = JSON.stringify(update);
    one.chars += data.length;
    if (one.chars > MAX_CHARS || (one.n ?? 0) + taken.length >= MAX_UPDATES) {
      one.isFull = true;
      taken.push(JSON.stringify(MORE));
      break;
    }
    taken.push(data);
  }
  one.updates = [];
  return taken;
}

/** @throws Refusal `not_found` when there is no such attempt. */
export async function listUpdates(
  { db }: { db: Db },
  attemptId: string,
  { after, limit }: { after: number; limit: number },
): Promise<{ items: KeptUpdate[]; nextCursor: number }> {
  const found = await selectUpdates(db, attemptId, after, limit);
  if (found.length === 0 && !(await selectAttempt(db, attemptId))) throw new Refusal("not_found", `There is no attempt ${attemptId}.`);
  return { items: found.map(({ n, at, data }) => ({ n, at: iso(at), update: JSON.parse(data) as Update })), nextCursor: found.at(-1)?.n ?? after };
}
