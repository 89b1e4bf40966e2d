// How long to wait before trying again, and a wait that an abort ends.

export interface Backoff {
  leastMs: number;
  mostMs: number;
}

/** Doubles with each failure; jittered over its upper half, so that many clients of one server do not come back together. */
export function backoffMs({ leastMs, mostMs }: Backoff, failures: number): number {
  const full = Math.min(mostMs, leastMs * 2 ** Math.min(failures, 30));
  return full / 2 + (Math.random() * full) / 2;
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
