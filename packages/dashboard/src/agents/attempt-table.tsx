// What an agent carried out, newest first.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentAttemptsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age, Elapsed } from "../ui/when.tsx";

export function AttemptTable({ agentId }: { agentId: string }) {
  const { data, error, refetch } = useQuery(agentAttemptsQuery(useWorld(), agentId));
  return (
    <Section title="Lately">
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
