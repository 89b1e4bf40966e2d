// Whether something that is needed has been away for so long that nobody should be kept waiting for it any more.

export interface Outage {
  /** It did not answer. Told each time it is tried. */
  failed(): void;
  /** It answered. */
  ended(): void;
  readonly isAway: boolean;
  /** It has not answered for as long as whoever asked is kept waiting. */
  readonly isLong: boolean;
}
/** `patienceMs`: how long it may be away before it counts as long. */
export function watchOutage(patienceMs: number): Outage {
  let since: number | undefined;
  return {
    failed: () => void (since ??= performance.now()),
    ended: () => void (since = undefined),
    get isAway() {
      return since !== undefined;
    },
    get isLong() {
      return since !== undefined && performance.now() - since >= patienceMs;
    },
  };
}
