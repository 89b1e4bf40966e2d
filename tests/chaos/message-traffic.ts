// Messages that go to and fro while things die: whoever sends repeats it until it is acknowledged, whoever takes says what is done. Nothing that
// was acknowledged may be lost, and nothing may come again once the answer said that it is done.
import type { Client } from "@baton/client";
import type { Traffic } from "./crash-run.ts";
import type { Dice } from "./dice.ts";
import { insist, wait } from "./workload.ts";

const BOXES = 4;
const SENDERS = 8;
const LEASE_MS = 3000;

export async function openTraffic(client: Client, dice: Dice): Promise<Traffic> {
  const boxes = Array.from({ length: BOXES }, (_, at) => `box-${at}`);
  for (const name of boxes) await client.createMailbox({ body: { name } });
  const sent = new Set<string>();
  const taken = new Map<string, number>();
  const done = new Set<string>();
  const faults = new Set<string>();
  let isSending = true;
  let isTaking = true;

  async function sender(name: string, own: Dice): Promise<void> {
    for (let n = 0; isSending; n++) {
      const id = `${name}-${n}`;
      const body = { id, senderId: name, recipientId: own.pick(boxes), payload: { n } };
      await insist(() => client.sendMessage({ body }), own);
      sent.add(id);
      await wait(own.between(0, 1000));
    }
  }
  async function taker(box: string, own: Dice): Promise<void> {
    while (isTaking) {
      const limit = own.between(1, 20);
      const { items } = await insist(() => client.receiveMessages({ params: { id: box }, query: { limit, waitMs: 300, leaseMs: LEASE_MS } }), own);
      for (const { id } of items) {
        taken.set(id, (taken.get(id) ?? 0) + 1);
        if (done.has(id)) faults.add(`${id} came to ${box} again after it was done.`);
        if (!sent.has(id) && !(await within(2000, () => sent.has(id)))) unacknowledged.add(id);
      }
      // Some forget what they have: it comes again when their time is over.
      const ids = items.map(({ id }) => id).filter(() => !own.chance(0.03));
      if (ids.length === 0) continue;
      const { unknown } = await insist(() => client.acknowledgeMessages({ params: { id: box }, body: { done: ids } }), own);
      for (const id of ids) if (!unknown.includes(id)) done.add(id);
    }
  }
  /** Taken before whoever sent them was told: their answer was lost, and they are being sent again. */
  const unacknowledged = new Set<string>();
  const sending = Array.from({ length: SENDERS }, (_, at) => sender(`sender-${at}`, dice.of(`sender ${at}`)));
  const taking = boxes.map((box) => taker(box, dice.of(box)));
  return {
    end: async (ms) => {
      isSending = false;
      await Promise.all(sending);
      const missing = (): string[] => [...sent].filter((id) => !taken.has(id));
      await within(ms, () => missing().length === 0);
      isTaking = false;
      await Promise.all(taking);
      for (const id of missing()) faults.add(`${id} was acknowledged, and came to nobody.`);
      for (const id of unacknowledged) if (!sent.has(id)) faults.add(`${id} came to somebody and is not known to have been sent.`);
      const dead = await client.listDeadLetters();
      for (const { id, delivery } of dead.items) faults.add(`${id} is a dead letter: ${delivery.reason}`);
      const repeated = [...taken.values()].filter((times) => times > 1).length;
      return { faults: [...faults].map((what) => ({ what })), figures: { messages: sent.size, messagesTakenTwice: repeated } };
    },
  };
}
async function within(ms: number, holds: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await wait(50)) if (holds()) return true;
  return holds();
}
