// The post: one transaction in which this server writes all that is due of messages — what became of those handed out, what was sent, what is
// handed out now. While one is written the next gathers, so that a busy server writes hundreds together and an idle one answers at once.
import { type DeliveredMessage, Refusal } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { openInbox } from "../std/batch.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { watchOutage } from "../std/outage.ts";
import type { Db, Tx } from "../store/db.ts";
import type { DeliveryRow } from "./delivery-rows.ts";
import type { Draft } from "./draft.ts";
import { selectHandedLanes, lockLanes } from "./lane-rows.ts";
import type { MessageRow } from "./message-rows.ts";
import { toKey } from "./by-lane.ts";
import { openRecent, type Recent } from "./recent.ts";
import type { Wakes } from "./wakes.ts";
import { type Reception, writeReceives } from "./write-receives.ts";
import { addressSends, deliverSends, insertSends, type Sent, type SendWorld } from "./write-sends.ts";
import { giveBack, type Settlement, writeSettles } from "./write-settles.ts";

export interface PostWorld extends SendWorld {
  db: Db;
  clock: Clock;
  log: Log;
  events: EventLog;
  wakes: Wakes;
}
export interface Post {
  send(draft: Draft): Promise<Sent>;
  /** @returns ids that were not open for this recipient. */
  settle(settlement: Settlement): Promise<string[]>;
  receive(reception: Reception): Promise<DeliveredMessage[]>;
  /** The recipient is gone with what it had, or came back without it. */
  giveBack(returned: Return): Promise<void>;
  close(): Promise<void>;
}
export interface Return {
  recipientId: string;
  reason: string;
  /** Ids of messages: these alone, or all but these. Default: all. */
  only?: readonly string[];
  except?: readonly string[];
}
type Item =
  | { kind: "settle"; input: Settlement; size: number }
  | { kind: "return"; input: Return; size: number }
  | { kind: "send"; input: Draft; size: number }
  | { kind: "receive"; input: Reception; size: number };
type Waiting = Item & { resolve(answer: never): void; reject(error: unknown): void };
interface Written {
  answers: Map<Waiting, unknown>;
  events: NewEvent[];
  woken: string[];
  stored: ReadonlyMap<string, MessageRow>;
}
const MAX_ITEMS = 500;
const MAX_BYTES = 16 << 20;
const MAX_QUEUED = 20_000;
const RETRY_MS = 100;
/** How long a request waits for a store that is away. */
const PATIENCE_MS = 5000;
const MAX_LANES_BACK = 10_000;

export function openPost(given: PostWorld): Post {
  const world = { ...given, recent: openRecent() };
  const inbox = openInbox<Waiting>((item) => item.size);
  const outage = watchOutage(PATIENCE_MS);
  let running: Promise<void> | undefined;
  let closing = false;

  function wake(): void {
    running ??= run().finally(() => {
      running = undefined;
      if (inbox.length > 0) wake();
    });
  }
  async function run(): Promise<void> {
    // Let everything that arrives in this tick of the loop come along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (inbox.length > 0) await write(inbox.take(MAX_ITEMS, MAX_BYTES));
  }
  async function write(given: readonly Waiting[]): Promise<void> {
    let batch = given;
    for (;;) {
      try {
        const written = await world.db.transaction((tx) => writeBatch(world, tx, batch));
        outage.ended();
        return publish(written);
      } catch (error) {
        const isAway = world.db.isTransient(error);
        if (!isAway) outage.ended();
        if (isAway && !closing) {
          world.log.warn({ error: String(error) }, "the store refused messages; they are tried again");
          outage.failed();
          if (outage.isLong) batch = refuse([...batch, ...inbox.take(MAX_QUEUED, Number.POSITIVE_INFINITY)]);
          await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
        } else if (batch.length > 1) {
          // One that cannot be written does not take the others with it.
          for (const one of batch) await write([one]);
          return;
        } else {
          world.log.error({ err: error }, "a message could not be written");
          batch[0]?.reject(doesNotTake());
          return;
        }
      }
    }
  }
  /** @returns what nobody waits for an answer to, and nobody would ask for again. */
  function refuse(all: readonly Waiting[]): Waiting[] {
    for (const one of all) if (one.kind !== "return") one.reject(doesNotTake());
    return all.filter(({ kind }) => kind === "return");
  }
  function publish({ answers, events, woken, stored }: Written): void {
    world.recent.add(stored.values());
    for (const [one, answer] of answers) {
      if (answer instanceof Refusal) one.reject(answer);
      else one.resolve(answer as never);
    }
    if (events.length > 0) world.events.committed();
    world.wakes.wake(woken);
  }
  const enqueue = <Answer>(item: Item): Promise<Answer> => {
    if (closing) throw new Refusal("unavailable", "This server is stopping. Try again at another, or in a moment.", { retryAfterSeconds: 2 });
    if (outage.isLong && item.kind !== "return") throw doesNotTake();
    if (inbox.length >= MAX_QUEUED)
      throw new Refusal("unavailable", `${MAX_QUEUED} messages wait to be stored. Slow down and try again.`, { retryAfterSeconds: 1 });
    return new Promise<Answer>((resolve, reject) => {
      inbox.push({ ...item, resolve, reject });
      wake();
    });
  };
  return {
    send: async (input) => enqueue<Sent>({ kind: "send", input, size: input.bytes }),
    settle: async (input) => enqueue<string[]>({ kind: "settle", input, size: 100 }),
    receive: async (input) => enqueue<DeliveredMessage[]>({ kind: "receive", input, size: 1000 }),
    giveBack: async (input) => enqueue<undefined>({ kind: "return", input, size: 100 }).then(() => undefined),
    close: async () => {
      // What is sent meanwhile still goes, but not to a store that is away.
      if (outage.isAway) closing = true;
      while (running) await running;
      closing = true;
    },
  };
}

const doesNotTake = (): Refusal => new Refusal("unavailable", "The store does not take messages right now. Try again.", { retryAfterSeconds: 1 });

async function writeBatch(world: PostWorld & { recent: Recent }, tx: Tx, batch: readonly Waiting[]): Promise<Written> {
  const now = world.clock.now();
  const answers = new Map<Waiting, unknown>();
  const written = { answers, events: [] as NewEvent[], woken: [] as string[], stored: new Map<string, MessageRow>() as ReadonlyMap<string, MessageRow> };
  const keep = ({ events, woken }: { events: NewEvent[]; woken: string[] }): void => {
    written.events.push(...events);
    written.woken.push(...woken);
  };
  const returns = batch.filter((one) => one.kind === "return");
  keep(
    await writeReturns(
      world,
      tx,
      returns.map(({ input }) => input),
      now,
    ),
  );
  for (const one of returns) answers.set(one, undefined);
  const sends = batch.filter((one) => one.kind === "send");
  const settles = batch.filter((one) => one.kind === "settle");
  // Requests are locked before lanes. What does not hang on each other is asked for together.
  const addressed = await addressSends(
    world,
    tx,
    sends.map(({ input }) => input),
  );
  const [prepared, settled] = await Promise.all([
    insertSends(world, tx, addressed, now),
    writeSettles(
      world,
      tx,
      settles.map(({ input }) => input),
      now,
    ),
  ]);
  settles.forEach((one, at) => answers.set(one, settled.unknown[at]));
  keep(settled);
  const sent = deliverSends(world, tx, prepared, now);
  sends.forEach((one, at) => answers.set(one, sent.answers[at]));
  keep(sent);
  written.stored = sent.stored;
  // Who answers a request has taken care of it.
  const byAnswer = sent.answered.map(({ message_id, recipient_id }): Settlement => ({ recipientId: recipient_id, done: [message_id], failed: [] }));
  keep(await writeSettles(world, tx, byAnswer, now));
  const receives = batch.filter((one) => one.kind === "receive");
  const received = await writeReceives(
    { ...world, recent: (id) => sent.stored.get(id) ?? world.recent.get(id) },
    tx,
    receives.map(({ input }) => input),
    now,
  );
  receives.forEach((one, at) => answers.set(one, received.items[at]));
  keep(received);
  written.woken = [...new Set(written.woken)];
  if (written.events.length > 0) await world.events.append(tx, written.events);
  return written;
}

async function writeReturns(world: PostWorld, tx: Tx, returns: readonly Return[], now: number) {
  if (returns.length === 0) return { events: [], woken: [] };
  const by = new Map<string, Return[]>();
  for (const one of returns) by.set(one.recipientId, [...(by.get(one.recipientId) ?? []), one]);
  const handed = await selectHandedLanes(tx, [...by.keys()], MAX_LANES_BACK);
  const lanes = handed.length === 0 ? [] : await lockLanes(tx, handed.map(toKey));
  const stays = ({ recipient_id, message_id }: DeliveryRow): boolean =>
    !(by.get(recipient_id) ?? []).some(({ only, except }) => (only?.includes(message_id) ?? true) && !(except?.includes(message_id) ?? false));
  return giveBack(world, tx, lanes, { reason: returns[0]?.reason ?? "", rests: false, stays }, now);
}
