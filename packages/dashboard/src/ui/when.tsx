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
  const text = useNow((now) => toDuration(to === null ? Math.floor((now - Date.parse(from)) / 1000) * 1000 : Date.parse(to) - Date.parse(from)));
  return <span className="whitespace-nowrap">{to === null && text.endsWith("ms") ? "0 s" : text}</span>;
}

export const toClock = (at: string): string => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
