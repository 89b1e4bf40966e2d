// Thin bars: how many steps are done, how loaded an agent is, how good a score. What they show is said in words too.
import type { Tone } from "./tone.ts";

const fills: Record<Tone, string> = { quiet: "bg-faint", active: "bg-accent", done: "bg-soft", wait: "bg-wait", bad: "bg-bad" };
/** More would be narrower than a pixel or two. */
const MOST_SEGMENTS = 24;

export function Segments({ done, total, tone, label }: { done: number; total: number; tone: Tone; label: string }) {
  if (total > MOST_SEGMENTS) return <Bar fraction={done / total} tone={tone} label={label} />;
  return (
    <span className="flex h-1 w-full gap-0.5">
      <span className="sr-only">{label}</span>
      {Array.from({ length: Math.max(1, total) }, (_, index) => (
        <span key={index} className={`h-full flex-1 rounded-full ${index < done ? fills[tone] : "bg-line"}`} />
      ))}
    </span>
  );
}

export function Bar({ fraction, tone, label }: { fraction: number; tone: Tone; label: string }) {
  return (
    <span className="relative block h-1 w-full overflow-hidden rounded-full bg-line">
      <span className="sr-only">{label}</span>
      <span
        className={`block h-full rounded-full transition-[width] duration-500 ${fills[tone]}`}
        style={{ width: `${Math.min(100, Math.max(0, fraction * 100))}%` }}
      />
    </span>
  );
}
