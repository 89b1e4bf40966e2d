// The commands that set a workspace up and tore it down, with the end of what they wrote. Nothing where its repository names none.
import { useQuery } from "@tanstack/react-query";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { runsQuery } from "./workspace-queries.ts";

export function RunList({ workspaceId }: { workspaceId: string }) {
  const { data, error } = useQuery(runsQuery(useWorld(), workspaceId));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Set up and torn down by">
      <Panel>
        <ul className="divide-y divide-line" aria-label="Commands">
          {data.items.map(({ phase, command, ok, how, said, startedAt, durationMs }) => (
            <li key={`${phase} ${startedAt} ${command}`} className="px-4 py-2.5 text-sm">
              <code className="font-mono text-xs [overflow-wrap:anywhere]">{command}</code>
              <p className={`mt-0.5 text-xs ${ok ? "text-soft" : "text-bad"}`}>
                {phase === "setUp" ? "Set-up" : "Tear-down"} {how}, after {(durationMs / 1000).toFixed(1)} s
              </p>
              {said !== "" && (
                <details className="mt-1 text-xs">
                  <summary className="cursor-pointer text-soft">What it wrote last</summary>
                  <pre className="mt-1 max-h-80 overflow-auto whitespace-pre-wrap font-mono [overflow-wrap:anywhere]">{said}</pre>
                </details>
              )}
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
