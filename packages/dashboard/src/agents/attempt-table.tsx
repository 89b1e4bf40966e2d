// What an agent carried out, newest first.
import type { Attempt } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentAttemptsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { toMoney } from "../ui/money.ts";
import { Age, Elapsed } from "../ui/when.tsx";

export function AttemptTable({ agentId }: { agentId: string }) {
  const { data, error, refetch } = useQuery(agentAttemptsQuery(useWorld(), agentId));
  return (
    <Section title="Lately" aside={data && <Spent attempts={data.items} />}>
      {error && <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />}
      <Panel className="overflow-hidden">
        {!data && !error && <Loading what="attempts" className="h-48" />}
        {data?.items.length === 0 && <p className="px-4 py-8 text-center text-sm text-soft">It has carried out nothing yet.</p>}
        <ul className="divide-y divide-line">
          {data?.items.map((attempt) => (
            <li key={attempt.id} className="relative grid grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-3 px-4 py-2.5 text-sm hover:bg-paper">
              <span className="mt-0.5">
                <StatusMark status={attempt.state} />
              </span>
              <div className="min-w-0">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: attempt.taskId }}
                  search={{ step: attempt.stepId }}
                  className="font-medium after:absolute after:inset-0"
                >
                  {attempt.stepId}
                </Link>
                <p className="truncate text-soft">
                  <span className={toneText[toTone(attempt.state)]}>{attempt.state}</span>
                  {attempt.outcome?.ok === false
                    ? ` · ${attempt.outcome.detail}`
                    : attempt.state === "running" && attempt.progress?.message !== undefined
                      ? ` · ${attempt.progress.message}`
                      : ""}
                </p>
              </div>
              <p className="text-right text-xs leading-5 text-soft">
                <Elapsed from={attempt.startedAt} to={attempt.endedAt} />
                <br />
                <Age at={attempt.startedAt} suffix=" ago" />
              </p>
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}

/** What of it was told to have cost something; what nobody tells is not 0. */
function Spent({ attempts }: { attempts: Attempt[] }) {
  const costs = attempts.flatMap(({ outcome }) => (outcome?.cost === undefined ? [] : [outcome.cost]));
  const sums = new Map<string, number>();
  for (const { amount, currency } of costs) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  if (costs.length === 0) return null;
  return (
    <span className="text-sm text-soft">
      {[...sums].map(([currency, amount]) => toMoney({ amount, currency })).join(" and ")} for {costs.length === 1 ? "one" : costs.length} of {attempts.length}
    </span>
  );
}
