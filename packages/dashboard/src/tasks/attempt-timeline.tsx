// Every try of a step, newest first, and how it ended.
import type { Attempt } from "@baton/contract";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { toMoney } from "../ui/money.ts";
import { Elapsed, toClock } from "../ui/when.tsx";

export function AttemptTimeline({ attempts }: { attempts: Attempt[] }) {
  return (
    <ol className="space-y-3">
      {attempts.toReversed().map((attempt) => (
        <li key={attempt.id} className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-2.5 text-sm">
          <span className="mt-0.5">
            <StatusMark status={attempt.state} />
          </span>
          <div>
            <p className="flex flex-wrap gap-x-2">
              <span className={`font-medium ${toneText[toTone(attempt.state)]}`}>{attempt.state}</span>
              <span className="text-soft">
                #{attempt.number} · {attempt.assignment.agentName} · <Elapsed from={attempt.startedAt} to={attempt.endedAt} /> · started{" "}
                {toClock(attempt.startedAt)}
              </span>
            </p>
            {attempt.outcome?.ok === false && (
              <p className="mt-0.5 text-bad">
                {attempt.outcome.kind.replace("_", " ")}: {attempt.outcome.detail}
              </p>
            )}
            {attempt.outcome && <p className="mt-0.5 text-soft empty:hidden">{toSpent(attempt.outcome)}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

const toSpent = ({ usage, cost }: NonNullable<Attempt["outcome"]>): string =>
  [usage === undefined ? "" : toTokens(usage), cost === undefined ? "" : toMoney(cost)].filter(Boolean).join(", ");

const toTokens = ({ inputTokens, outputTokens }: { inputTokens: number | null; outputTokens: number | null }): string =>
  [inputTokens === null ? "" : `${inputTokens.toLocaleString()} tokens in`, outputTokens === null ? "" : `${outputTokens.toLocaleString()} out`]
    .filter(Boolean)
    .join(", ");
