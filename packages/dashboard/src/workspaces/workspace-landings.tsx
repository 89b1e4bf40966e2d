// How what was done here fares on its way to a branch, with what each gate said. Takes no room while nothing is.
import type { Workspace } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { useWorld } from "../api/world.ts";
import { landingsOfQuery } from "../landings/landing-queries.ts";
import { LandingRow } from "../landings/landing-row.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";

export function WorkspaceLandings({ workspace: { repository, branch, taskId } }: { workspace: Workspace }) {
  const { data, error } = useQuery(landingsOfQuery(useWorld(), repository.path));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} />;
  const found = data?.items.filter((landing) => landing.source === branch || (taskId !== null && landing.taskId === taskId)) ?? [];
  if (found.length === 0) return null;
  return (
    <Section title="Landings">
      <Panel className="overflow-hidden">
        <ul className="divide-y divide-line" aria-label="Landings">
          {found.map((landing) => (
            <LandingRow key={landing.id} landing={landing} />
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
