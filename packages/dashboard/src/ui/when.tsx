// A moment as its age, the exact time on hover; and a duration that grows while it runs.
import { useNow } from "../std/now.ts";
import { toAge, toDuration } from "../std/duration.ts";

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function Age({ at, suffix = "" }: { at: string; suffix?: string }) {
  const age = useNow((now) => toAge(now - Date.parse(at)));
  return (
    <time dateTime={at} title={exact.format(new Date(at))} className="whitespace-nowrap">
      {age === "now" ? "just now" : age + suffix}
    </time>
  );
}

export function Elapsed({ from, to }: { from: string; to: string | null }) {
  const text = useNow((now) => (to === null ? toRunning(now - Date.parse(from)) : toDuration(Date.parse(to) - Date.parse(from))));
  return <span className="whitespace-nowrap">{text}</span>;
}

/** Whole seconds: tenths would stand still between two ticks. */
const toRunning = (ms: number): string => (ms < 10_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : toDuration(ms));

/** The time of day, with the day unless it is today. */
export function toMoment(at: string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(undefined, { ...(isToday ? {} : { day: "numeric", month: "short" }), hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export const toClock = (at: string): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
