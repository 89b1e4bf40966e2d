// When a schedule is due: cron expressions read in a time zone, and which of the times that passed still count. Pure: times are given.
import { Refusal } from "@baton/contract";
import { Cron } from "croner";

export interface Timing {
  cron: string | null;
  at: number | null;
  timezone: string;
}
/** Times that passed longer ago than this were missed. */
const LATE_MS = 60_000;
const MAX_CAUGHT_UP = 100;

/** The first time after `after`; null when there is none any more. @throws Refusal `bad_input` for an expression or a zone that cannot be read. */
export function nextTime({ cron, at, timezone }: Timing, after: number): number | null {
  if (at !== null) return at > after ? at : null;
  try {
    return new Cron(cron ?? "", { timezone, paused: true }).nextRun(new Date(after))?.getTime() ?? null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const path = /time ?zone/i.test(message) ? "body.timezone" : "body.cron";
    throw new Refusal("bad_input", `${path}: ${message}`, { issues: [{ path, message }] });
  }
}

/** Of the times from `dueAt` until now, those for which a task is handed in, oldest first. */
export function timesToServe(timing: Timing, dueAt: number, now: number, catchUp: "skip" | "once" | "all"): number[] {
  const due: number[] = [];
  for (let at: number | null = dueAt; at !== null && at <= now && due.length < MAX_CAUGHT_UP; at = nextTime(timing, at)) due.push(at);
  if (catchUp === "all") return due;
  // The newest of them; what follows the hundredth was missed long ago all the same.
  const newest = lastTime(timing, due.at(-1) ?? dueAt, now);
  return catchUp === "once" || newest >= now - LATE_MS ? [newest] : [];
}
function lastTime(timing: Timing, from: number, now: number): number {
  const first = nextTime(timing, Math.max(from, now - LATE_MS));
  return first !== null && first <= now ? first : from;
}
