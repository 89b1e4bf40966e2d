// Two ways to wait: for a count to be reached in this process, and for a store to say that something is so.
import { setTimeout as pause } from "node:timers/promises";

/** Resolves `reached` when `arrive` was called for `count` things. */
export function countdown(count) {
  let left = count;
  const { promise, resolve } = deferred();
  return {
    reached: promise,
    arrive(howMany = 1) {
      left -= howMany;
      if (left <= 0) resolve();
    },
  };
}

/** A promise and the way to settle it (Promise.withResolvers needs Node 22). */
export function deferred() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Asks until `isSo` answers true. 2 ms between questions: what it adds to a window of seconds is noise. */
export async function until(isSo, { everyMs = 2, timeoutMs = 120_000, what = "the condition" } = {}) {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await pause(everyMs);
  }
}

/** [0, count) in slices of `size`: `for (const numbers of batches(1200, 500))` gives 500, 500 and 200 numbers. */
export function* batches(count, size) {
  for (let from = 0; from < count; from += size) yield Array.from({ length: Math.min(size, count - from) }, (_, index) => from + index);
}

/** Does `work(number)` for [0, count) with `width` under way at any time. */
export async function inFlight(count, width, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
