// What becomes of the deliveries of one lane (one sender, one recipient, one priority). Pure: rows in, changes out.
//
//   queued -> handed         given to the recipient, in order, together with those behind it
//   handed -> acknowledged   the recipient said so; for good
//   handed -> queued         it failed, and is tried again after a rest; or one before it failed, and it waits behind that one
//   handed -> dead           it failed for good, or too often
//   queued -> dead           nobody took it in time
//   dead   -> queued         somebody had it delivered again
// A lane is handed out a piece at a time: while something of it is handed, or its head rests, nothing else of it is given out.
// So what is handed out first is so in the order it was sent, whatever fails on the way.

export interface Handed {
  seq: number;
  tries: number;
}
export interface Change {
  seq: number;
  state: "queued" | "acknowledged" | "dead";
  tries: number;
  reason: string | null;
}
export interface Failed {
  reason: string;
  final: boolean;
}
export interface LaneChange {
  changes: Change[];
  /** Before then nothing of the lane is handed out. */
  restUntil: number | null;
}
const MAX_TRIES = 8;
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** 1, 2, 4 … 60 s after as many tries. */
export const restMs = (tries: number): number => Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.max(0, tries - 1));

/** @param handed in order. Those neither done nor failed stay with the recipient, unless one before them is to come again. */
export function settleLane(handed: readonly Handed[], done: ReadonlySet<number>, failed: ReadonlyMap<number, Failed>, now: number): LaneChange {
  const changes: Change[] = [];
  let restUntil: number | null = null;
  for (const { seq, tries } of handed) {
    const failure = failed.get(seq);
    if (done.has(seq)) changes.push({ seq, state: "acknowledged", tries, reason: null });
    else if (failure && (failure.final || tries >= MAX_TRIES)) changes.push({ seq, state: "dead", tries, reason: whyDead(failure, tries) });
    else if (failure && restUntil === null) {
      restUntil = now + restMs(tries);
      changes.push({ seq, state: "queued", tries, reason: failure.reason });
    } else if (restUntil !== null) changes.push({ seq, state: "queued", tries: tries - 1, reason: null });
  }
  return { changes, restUntil };
}
const whyDead = ({ reason, final }: Failed, tries: number): string =>
  final ? `The recipient refused it: ${reason === "" ? "without a reason" : reason}` : `It failed ${tries} times; the last time: ${reason}`;

/** The recipient is gone or silent with these. The first of them may be why, so it alone has used up a try. */
export function giveBackLane(handed: readonly Handed[], reason: string, now: number, rests: boolean): LaneChange {
  const [head, ...others] = handed;
  if (!head) return { changes: [], restUntil: null };
  const isDead = head.tries >= MAX_TRIES;
  const first: Change = isDead
    ? { seq: head.seq, state: "dead", tries: head.tries, reason: `It was handed out ${head.tries} times and never acknowledged: ${reason}` }
    : { seq: head.seq, state: "queued", tries: head.tries, reason };
  const back = others.map(({ seq, tries }): Change => ({ seq, state: "queued", tries: tries - 1, reason: null }));
  return { changes: [first, ...back], restUntil: rests && !isDead ? now + restMs(head.tries) : null };
}

export interface Counts {
  waiting: number;
  handed: number;
  restUntil: number | null;
  dueAt: number | null;
}
export interface LaneStanding {
  state: "empty" | "ready" | "handed" | "resting";
  /** When somebody must look at it though nothing happened. */
  dueAt: number | null;
}
export function standingOf({ waiting, handed, restUntil, dueAt }: Counts, now: number): LaneStanding {
  if (handed > 0) return { state: "handed", dueAt };
  if (waiting === 0) return { state: "empty", dueAt: null };
  return restUntil !== null && restUntil > now ? { state: "resting", dueAt: restUntil } : { state: "ready", dueAt: null };
}

/** Of several lanes' heads, up to `limit`: always the most urgent that is next in its lane. */
export function mergeLanes<Row extends { queue_key: number }>(lanes: readonly (readonly Row[])[], limit: number): Row[] {
  const next = lanes.map(() => 0);
  const merged: Row[] = [];
  while (merged.length < limit) {
    let best: number | undefined;
    for (const [at, lane] of lanes.entries()) {
      const row = lane[next[at] as number];
      const leader = best === undefined ? undefined : lanes[best]?.[next[best] as number];
      if (row && (leader === undefined || row.queue_key < leader.queue_key)) best = at;
    }
    if (best === undefined) break;
    merged.push(lanes[best]?.[next[best] as number] as Row);
    next[best] = (next[best] as number) + 1;
  }
  return merged;
}
