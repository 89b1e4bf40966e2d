// What every contender is put through, in a process of its own and on a store nobody used before.
import { setTimeout as pause } from "node:timers/promises";

const load = (contender) => import(`../contenders/${contender}.mjs`);

/** Hands in `count` no-op tasks and waits until the store has the last one recorded done. @returns tasks per second */
export async function throughput({ contender, place, count, warmUp }) {
  const { settings, open } = await load(contender);
  const queue = await open(place);
  const before = await queue.recorded();
  await queue.carryOut(warmUp);
  const from = performance.now();
  await queue.carryOut(count);
  const seconds = (performance.now() - from) / 1000;
  const recorded = (await queue.recorded()) - before;
  if (recorded !== warmUp + count) throw new Error(`${contender} said it was done with ${warmUp + count} tasks; its store says ${recorded}`);
  await queue.close();
  return { settings, value: count / seconds };
}

/** Puts `finished` tasks that are done into a store. */
export async function fill({ contender, place, finished }) {
  const module = await load(contender);
  await module.fill(place, finished);
}

/** One task at a time with idle pauses of 5 to 24 ms between: from the call that creates it to its handler's first line. @returns milliseconds */
export async function latency({ contender, place, samples, warmUp }) {
  const { settings, open } = await load(contender);
  const queue = await open(place);
  const values = [];
  for (let index = -warmUp; index < samples; index++) {
    await pause(5 + (((index + warmUp) * 7) % 20));
    const ms = await queue.createToStart();
    if (index >= 0) values.push(ms);
  }
  await queue.close();
  return { settings, values };
}
