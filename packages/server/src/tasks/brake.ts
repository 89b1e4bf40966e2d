// The brake of one attempt: whether it goes in circles, uses tokens too fast, or has fallen silent. Works on what is told of the attempt,
// whatever it is said to cost. Pure: times are given.
import type { Brakes, Update } from "@baton/contract";

const IDENTICAL_CALLS = 25;
const TOKENS_PER_MINUTE = 1_000_000;
const NO_PROGRESS_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
/** Calls that have begun and not ended, at most; an agent that never ends one is told by its silence. */
const MAX_OPEN_CALLS = 1000;

export interface Brake {
  /** @returns why the attempt must end; undefined when it may go on. */
  heed(update: Update, now: number): string | undefined;
  /** The same for silence. @param waitedMs how long people were waited for so far. */
  checkSilence(now: number, waitedMs: number): string | undefined;
}

export function openBrake(brakes: Brakes, now: number): Brake {
  const calls = openCallCount(brakes.identicalCalls ?? IDENTICAL_CALLS);
  const tokens = openTokenRate(brakes.tokensPerMinute ?? TOKENS_PER_MINUTE, now);
  const noProgressMs = brakes.noProgressMs ?? NO_PROGRESS_MS;
  let heardAt = now;
  let waitedBefore = 0;
  return {
    heed: (update, now) => {
      heardAt = now;
      waitedBefore = -1;
      if (update.kind === "tool") return calls(update);
      return update.kind === "usage" ? tokens((update.inputTokens ?? 0) + (update.outputTokens ?? 0), now) : undefined;
    },
    checkSilence: (now, waitedMs) => {
      if (waitedBefore < 0) waitedBefore = waitedMs;
      const silentMs = now - heardAt - (waitedMs - waitedBefore);
      return silentMs >= noProgressMs ? `It has told nothing of what it does for ${Math.round(silentMs / 1000)} s.` : undefined;
    },
  };
}

function openCallCount(limit: number): (update: Extract<Update, { kind: "tool" }>) => string | undefined {
  const open = new Map<string, { title: string; input: string }>();
  let last = "";
  let inARow = 0;
  return ({ callId, title, input, status }) => {
    const known = open.get(callId) ?? { title: "", input: "" };
    const call = { title: title ?? known.title, input: input === undefined ? known.input : JSON.stringify(input) };
    if (status === undefined || status === "pending" || status === "running") {
      if (open.size < MAX_OPEN_CALLS || open.has(callId)) open.set(callId, call);
      return undefined;
    }
    open.delete(callId);
    const same = `${call.title}\n${call.input}`;
    inARow = same === last ? inARow + 1 : 1;
    last = same;
    return inARow >= limit ? `It made the same call ${inARow} times in a row: ${call.title.slice(0, 300)}` : undefined;
  };
}

/** Over the last minute; at the beginning, as if the attempt had lasted a minute. */
function openTokenRate(limit: number, startedAt: number): (total: number, now: number) => string | undefined {
  const samples: { at: number; total: number }[] = [{ at: startedAt, total: 0 }];
  return (total, now) => {
    samples.push({ at: now, total });
    while (samples.length > 2 && (samples[1] as { at: number }).at <= now - MINUTE_MS) samples.shift();
    const first = samples[0] as { at: number; total: number };
    const perMinute = ((total - first.total) * MINUTE_MS) / Math.max(MINUTE_MS, now - first.at);
    return perMinute > limit ? `It used ${Math.round(perMinute)} tokens within a minute; its limit is ${limit}.` : undefined;
  };
}
