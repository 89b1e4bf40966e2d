// What a tool server has: its tools and resources, which agents can be handed.
import type { Agent } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { toolsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";

export function ToolList({ agent }: { agent: Agent }) {
  const { data, error } = useQuery(toolsQuery(useWorld(), agent.id));
  if (error) return <ProblemNote error={error} />;
  if (data === undefined) return <Loading what="its tools" className="h-32" />;
  return (
    <Section title="Hands to agents">
      <Panel>
        {data.items.length === 0 && <p className="p-4 text-sm text-soft">It did not say that it has any tools.</p>}
        <ul aria-label="Tools and resources" className="divide-y divide-line">
          {data.items.map(({ kind, name, description, uri }) => (
            <li key={kind + name + uri} className="px-4 py-2.5 text-sm">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium break-all">{name}</span>
                <span className="text-xs text-soft">{kind === "tool" ? "tool" : <code className="font-mono">{uri}</code>}</span>
              </p>
              {description !== "" && <p className="mt-0.5 text-soft">{description}</p>}
            </li>
          ))}
        </ul>
        {data.total > data.items.length && <p className="border-t border-line px-4 py-2.5 text-sm text-soft">and {data.total - data.items.length} more</p>}
      </Panel>
    </Section>
  );
}
