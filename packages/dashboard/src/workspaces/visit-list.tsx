// Attempts that worked in a workspace, newest first, each leading to what it changed.
import type { WorkspaceVisit } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Panel, Section } from "../ui/section.tsx";
import { Age, Elapsed } from "../ui/when.tsx";

export function VisitList({ workspaceId, visits, shown }: { workspaceId: string; visits: readonly WorkspaceVisit[]; shown: string | undefined }) {
  const { data: agents } = useQuery(agentsQuery(useWorld()));
  const nameOf = (agentId: string) => agents?.items.find(({ id }) => id === agentId)?.name ?? "an agent";
  return (
    <Section title="Who worked here">
      <Panel>
        {visits.length === 0 && <p className="px-4 py-5 text-sm text-soft">Nobody has yet.</p>}
        <ul className="divide-y divide-line" aria-label="Attempts">
          {visits.map(({ attemptId, agentId, taskId, stepId, enteredAt, leftAt }) => (
            <li key={attemptId} className={`px-4 py-2.5 text-sm ${attemptId === shown ? "bg-accent-wash" : ""}`}>
              <p className="flex items-baseline justify-between gap-3">
                <span className="min-w-0">
                  {nameOf(agentId)}
                  <span className="text-soft">
                    {leftAt === null ? " is at it, for " : " for "}
                    <Elapsed from={enteredAt} to={leftAt} />
                  </span>
                </span>
                <span className="text-xs text-soft">
                  <Age at={enteredAt} suffix=" ago" />
                </span>
              </p>
              <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs">
                <Link
                  to="/workspaces/$workspaceId"
                  params={{ workspaceId }}
                  search={{ attempt: attemptId }}
                  resetScroll={false}
                  className="inline-flex min-h-6 items-center text-accent underline underline-offset-2"
                >
                  What it changed
                </Link>
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId }}
                  search={{ step: stepId }}
                  className="inline-flex min-h-6 items-center text-accent underline underline-offset-2"
                >
                  The step
                </Link>
              </p>
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
