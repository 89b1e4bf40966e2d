// What every bus is put through, in a process of its own and on a store nobody used before: messages of 1 KiB, stored before their sender
// hears of it, each acknowledged by who took it.
import { setTimeout as pause } from "node:timers/promises";
import { countdown, inFlight } from "./waiting.mjs";

const filler = "x".repeat(960);
const load = (bus) => import(`../buses/${bus}.mjs`);
const bodyOf = (number) => ({ number, at: performance.now(), filler });

/** From one sender to one recipient, `width` on their way to the store at any time. @returns messages a second */
export async function oneToOne({ bus: name, place, count, warmUp, width }) {
  const bus = await (await load(name)).open(place, 1);
  const seen = new Set();
  let arrived = countdown(warmUp);
  await bus.consume(0, (bodies) => {
    for (const { number } of bodies) seen.add(number);
    arrived.arrive(bodies.length);
  });
  await Promise.all([inFlight(warmUp, width, (number) => bus.send(bodyOf(-1 - number))), arrived.reached]);
  arrived = countdown(count);
  const from = performance.now();
  await Promise.all([inFlight(count, width, (number) => bus.send(bodyOf(number))), arrived.reached]);
  const seconds = (performance.now() - from) / 1000;
  const { settings } = bus;
  await bus.close();
  if (seen.size !== warmUp + count) throw new Error(`${warmUp + count} messages were sent and ${seen.size} arrived.`);
  return { settings, value: count / seconds };
}

/** From one sender to `recipients`. @returns deliveries a second */
export async function fanOut({ bus: name, place, count, warmUp, recipients, width }) {
  const bus = await (await load(name)).open(place, recipients);
  let arrived = countdown(warmUp * recipients);
  for (let n = 0; n < recipients; n++) await bus.consume(n, (bodies) => arrived.arrive(bodies.length), { fromAll: true });
  await Promise.all([inFlight(warmUp, width, (number) => bus.publish(bodyOf(number))), arrived.reached]);
  arrived = countdown(count * recipients);
  const from = performance.now();
  await Promise.all([inFlight(count, width, (number) => bus.publish(bodyOf(number))), arrived.reached]);
  const seconds = (performance.now() - from) / 1000;
  await bus.close();
  return { value: (count * recipients) / seconds };
}

/** At a steady pace. @returns milliseconds from the call that sends to the recipient's having it */
export async function latency({ bus: name, place, count, warmUp, perSecond }) {
  const bus = await (await load(name)).open(place, 1);
  const values = [];
  const arrived = countdown(warmUp + count);
  await bus.consume(0, (bodies) => {
    const now = performance.now();
    for (const { number, at } of bodies) if (number >= warmUp) values.push(now - at);
    arrived.arrive(bodies.length);
  });
  const from = performance.now();
  const sends = [];
  for (let number = 0; number < warmUp + count; number++) {
    const dueMs = (number * 1000) / perSecond - (performance.now() - from);
    // Timers have whole milliseconds: what is due within one is sent now.
    if (dueMs >= 1) await pause(dueMs);
    sends.push(bus.send(bodyOf(number)));
  }
  await Promise.all([...sends, arrived.reached]);
  await bus.close();
  return { values };
}
