// How the agents of a task work together: the pattern and why, who has which part, and what the plan grew by while it ran.
import type { CoordinationView, Step } from "@baton/contract";
import { Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";

export function TeamView({ coordination, steps }: { coordination: CoordinationView; steps: Step[] }) {
  const titles = new Map(steps.map(({ id, title }) => [id, title]));
  const name = (id: string) => titles.get(id) ?? id;
  return (
    <Section
      title={`Together: ${coordination.pattern}`}
      aside={coordination.round > 0 && <span className="text-sm text-soft">round {coordination.round}</span>}
    >
      <Panel>
        <p className="border-b border-line px-4 py-2.5 text-sm text-soft">{coordination.reason}</p>
        <ul className="divide-y divide-line">
          {coordination.participants.map((one) => (
            <li key={one.stepId} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2 text-sm">
              <span className="font-medium">{one.agentName ?? "nobody yet"}</span>
              <span className="text-soft">
                {one.part}
                {one.role === null ? "" : ` as ${one.role}`}
                {one.round === null ? "" : `, round ${one.round}`}
              </span>
              <span className="ml-auto text-soft">{one.status}</span>
            </li>
          ))}
        </ul>
        {coordination.growth.length > 0 && (
          <div className="border-t border-line px-4 py-3">
            <h3 className="mb-1.5 text-sm">How the plan grew</h3>
            <ol className="space-y-1.5 text-sm">
              {coordination.growth.map(({ at, added, cancelled, why }) => (
                <li key={at + why}>
                  {why}{" "}
                  <span className="text-soft">
                    {added.length > 0 && `Added: ${added.map(name).join(", ")}. `}
                    {cancelled.length > 0 && `Dropped: ${cancelled.map(name).join(", ")}. `}
                    <Age at={at} suffix=" ago" />
                  </span>
                </li>
              ))}
            </ol>
          </div>
        )}
      </Panel>
    </Section>
  );
}
