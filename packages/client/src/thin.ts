// Thins a fast series of values: the first at once, then at most one per interval, always the newest, the last one never lost.

export interface Thinned<T> {
  push(value: T): void;
  /** Forgets what waits. */
  stop(): void;
}

export function thin<T>(intervalMs: number, send: (value: T) => void): Thinned<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: { value: T } | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting === undefined) return;
    const { value } = waiting;
    waiting = undefined;
    send(value);
    timer = setTimeout(flush, intervalMs);
  };
  return {
    push(value) {
      waiting = { value };
      if (timer === undefined) flush();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = undefined;
    },
  };
}
