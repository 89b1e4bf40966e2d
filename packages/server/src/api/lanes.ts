// Order where it matters and nowhere else: jobs of one lane run one after another, lanes run side by side, and a job alone
// runs when everything before it has ended and before anything after it begins.

export interface Lanes {
  run(lane: string, job: () => Promise<void>): void;
  runAlone(job: () => Promise<void>): void;
}

/** `onError` is told what a job throws; the jobs behind it get their turn all the same. */
export function openLanes(onError: (error: unknown) => void): Lanes {
  const tails = new Map<string, Promise<void>>();
  let barrier: Promise<unknown> = Promise.resolve();
  return {
    run(lane, job) {
      const tail = (tails.get(lane) ?? barrier).then(job).catch(onError);
      tails.set(lane, tail);
      void tail.then(() => {
        if (tails.get(lane) === tail) tails.delete(lane);
      });
    },
    runAlone(job) {
      barrier = Promise.all([barrier, ...tails.values()])
        .then(job)
        .catch(onError);
      tails.clear();
    },
  };
}
