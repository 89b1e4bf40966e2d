// The server one looks at: what it is, since when, and what it counts.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { systemQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";

export function ThisServer() {
  const { data, error, refetch } = useQuery(systemQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the server" />;
  const rows: [string, ReactNode][] = [
    ["Version", data.version],
    ["Server", data.server],
    ["Up", <Age key="up" at={data.startedAt} />],
    ["Store", data.store === "sqlite" ? "SQLite, in one file" : "Postgres"],
    ["Servers on it", data.servers],
    ["Attempts running", data.attemptsRunning],
    ["Events so far", data.lastEvent.toLocaleString()],
    ["Tasks", toCounts(data.tasks)],
    ["Agents", toCounts(data.agents)],
  ];
  return (
    <Section
      title="Server"
      aside={
        <a href="/docs" className="text-sm text-accent underline underline-offset-2">
          API reference
        </a>
      }
    >
      <Panel className="px-4 py-3">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-8 gap-y-2 text-sm">
          {rows.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </Section>
  );
}

const toCounts = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count.toLocaleString()} ${name}`)
    .join(", ") || "none";
