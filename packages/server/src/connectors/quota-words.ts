// Whether an agent's words say that it has used up what it may, and until when. Pure: the time is handed in. It reads what is said and never guesses:
// a time it cannot place for certain is no time.
import { iso } from "../std/clock.ts";

export interface Quota {
  /** ISO. Left out when the words do not say. */
  until?: string;
}
/** What is needed to place the times in a text. */
export interface Reading {
  /** Now, in milliseconds since 1970. */
  now: number;
  /** The zone of a time of day that names none, such as `Europe/Berlin`: known where the agent runs on this machine. Without it such a time is not read. */
  zone?: string | undefined;
}

const QUOTA_WORDS = [
  /rate[\s_-]?limit/i,
  /too[\s_-]many[\s_-]requests/i,
  /\bquota\b/i,
  /insufficient_quota|resource_exhausted|credit balance is too low|out of credits/i,
  /(?:usage|session|weekly|daily|hourly|monthly|request|message|token)s?[\s_-]limit (?:was |is |has been )?(?:reached|exceeded|hit)/i,
  /\b(?:hit|reached|exceeded) (?:your|the|its) (?:[\w-]+ ){0,3}limit\b/i,
  /\blimit\b.{0,80}\breset (?:at|in|on) /is,
  /\bresets (?:(?:at|in|on) |\d)/i,
  /\b(?:status|code|error|http)\W{0,12}429\b/i,
  /^\s*429\b/,
];

/** undefined: the text is not about a quota. For an answer that is known to be about one, such as HTTP 429, ask `readUntil`. */
export function readQuota(text: string, reading: Reading): Quota | undefined {
  const said = toRead(text);
  if (!QUOTA_WORDS.some((words) => words.test(said))) return undefined;
  const until = readUntil(said, reading);
  return until === undefined ? {} : { until };
}
/** Whoever writes an essay around it has not told the time. */
const MAX_READ = 20_000;
/** Runs of spaces are one: what is looked for has spaces where there may be any, and of thousands of them every way to share them out would be tried, for hours. */
const toRead = (text: string): string => text.slice(0, MAX_READ).replace(/\s+/g, " ");

/** When it may be asked again, ISO; undefined when the text does not say, or says what is past or more than 32 days away. */
export function readUntil(text: string, reading: Reading): string | undefined {
  const said = toRead(text);
  for (const read of READERS) {
    const at = read(said, reading);
    if (at !== undefined && at > reading.now && at <= reading.now + FARTHEST_MS) return iso(Math.ceil(at));
  }
  return undefined;
}
const FARTHEST_MS = 32 * 86_400_000;

/** Words after which the time of the end may stand. */
const AGAIN = String.raw`(?:re-?sets?|reset(?:s|ting)?[\s_-]?(?:at|time)|(?:try|available|retry|wait)(?:ing)?(?: again)?|again|until|resume[sd]?|renews?|reached\|)`;
const IN =
  /(?:try again|retry(?:ing)?|resets?|available(?: again)?|wait|again|retry[_-]?delay)["']?\s*[:=]?\s*["']?(?:in |after |for |another )?\s*(?:about |approximately )?((?:\d+(?:\.\d+)?\s*(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d)(?![a-z])[\s,]*(?:and )?)+)/i;
const RETRY_AFTER_DATE = /retry-after["']?\s*[:=]\s*["']?([A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)/i;
const RETRY_AFTER = /retry[-_ ]after(-ms|_ms)?["']?\s*[:=]?\s*["']?(\d+(?:\.\d+)?)(?![\d:T-])\s*(?:(ms|milliseconds?|m|min|minutes?|h|hours?)\b)?/i;
const ISO_TIME = new RegExp(String.raw`${AGAIN}.{0,30}?(20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)`, "is");
const EPOCH = new RegExp(String.raw`${AGAIN}\D{0,20}(?<!\d)(\d{13}|\d{10})(?!\d)`, "i");
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const CLOCK = new RegExp(
  String.raw`${AGAIN}:?\s*(?:at |on )?(?:(${MONTHS.join("|")})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,?\s*(?:at )?)?(\d{1,2})(?::(\d\d))?\s*(?:(a|p)\.?m\b\.?)?\s*(?:\(?(UTC|GMT|Z|[A-Z][A-Za-z]+\/[A-Za-z_/+-]+)\)?)?`,
  "i",
);

const READERS: ((text: string, reading: Reading) => number | undefined)[] = [
  (text) => toInstant(RETRY_AFTER_DATE.exec(text)?.[1]),
  (text, { now }) => {
    const [, millis, amount, unit = ""] = RETRY_AFTER.exec(text) ?? [];
    return amount === undefined ? undefined : now + Number(amount) * (millis === undefined ? (UNITS[unitOf(unit)] ?? 1000) : 1);
  },
  (text) => {
    const [, time, zone = ""] = ISO_TIME.exec(text) ?? [];
    return time === undefined ? undefined : toInstant(`${time.replace(" ", "T")}${/^(?:UTC|GMT|Z)$/i.test(zone) ? "Z" : zone}`);
  },
  (text) => {
    const digits = EPOCH.exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits) * (digits.length === 10 ? 1000 : 1);
  },
  (text, { now }) => {
    const duration = IN.exec(text)?.[1];
    return duration === undefined ? undefined : now + toMs(duration);
  },
  readClock,
];

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const unitOf = (word: string): string => (/^(?:ms|milli)/i.test(word) ? "ms" : word.slice(0, 1).toLowerCase());
const toMs = (duration: string): number =>
  [...duration.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unitOf(unit ?? "")] ?? 0), 0);
const toInstant = (text: string | undefined): number | undefined => {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
};

/** "resets at 3pm", "resets Nov 22, 3:30pm (Europe/Berlin)", "try again at 15:04 UTC": the next time it is that late there. */
function readClock(text: string, reading: Reading): number | undefined {
  const [, month, day, hour, minute, half, named] = CLOCK.exec(text) ?? [];
  // A bare number is not a time of day.
  if (hour === undefined || (minute === undefined && half === undefined)) return undefined;
  const zone = named === undefined ? reading.zone : /^(?:UTC|GMT|Z)$/i.test(named) ? "UTC" : named;
  if (zone === undefined) return undefined;
  const late = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  if (late > 23 || Number(minute ?? 0) > 59 || (half !== undefined && (Number(hour) < 1 || Number(hour) > 12))) return undefined;
  try {
    const today = wallClock(reading.now, zone);
    const date = month === undefined ? undefined : { month: MONTHS.indexOf(month.slice(0, 3).toLowerCase()), day: Number(day) };
    for (const ahead of date === undefined ? [0, 1] : [0, 366]) {
      const base = new Date(today + ahead * 86_400_000);
      const wall = Date.UTC(base.getUTCFullYear(), date?.month ?? base.getUTCMonth(), date?.day ?? base.getUTCDate(), late, Number(minute ?? 0));
      const at = fromWallClock(wall, zone);
      if (at > reading.now) return at;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // A zone nobody knows.
  }
  return undefined;
}

/** What the clocks of a zone show at an instant, as if it were UTC. @throws RangeError for a zone that is not known. */
function wallClock(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const [year, month, day, hour, minute, second] = (["year", "month", "day", "hour", "minute", "second"] as const).map((type) =>
    Number(parts.find((part) => part.type === type)?.value),
  );
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}
/** The other way round; twice, because the offset at the first guess may be that of the other side of a change of clocks. */
function fromWallClock(wall: number, zone: string): number {
  let at = wall;
  for (let round = 0; round < 2; round++) at = wall - (wallClock(at, zone) - at);
  return at;
}
