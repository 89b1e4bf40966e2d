// Something to wait at that others ring: what rings while nobody waits is heard by whoever comes next.

export interface Bell {
  ring(): void;
  /** Until it rings, or `ms` have passed. */
  wait(ms: number): Promise<void>;
}
/** Until `ms` have passed, or `signal` aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, signal.aborted ? 0 : ms);
    signal.addEventListener("abort", done);
  });
export function openBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          rung = false;
          wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, rung ? 0 : ms);
        wake = done;
      }),
  };
}
