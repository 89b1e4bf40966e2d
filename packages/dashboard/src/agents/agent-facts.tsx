// What is known of an agent: what it can do, from what its status is derived, and how it is reached.
import { type Agent, toolTakers } from "@baton/contract";
import type { ReactNode } from "react";
import { toDuration } from "../std/duration.ts";
import { Bar } from "../ui/bar.tsx";
import { Chip } from "../ui/chip.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";

export const Capabilities = ({ agent }: { agent: Agent }) => (
  <Section title="Can do">
    <Panel>
      {agent.capabilities.length === 0 && <p className="p-4 text-sm text-soft">It names no capability, so it takes only steps that ask for none.</p>}
      <ul className="divide-y divide-line">
        {agent.capabilities.map(({ name, proficiency, technologies }) => (
          <li key={name} className="px-4 py-2.5 text-sm">
            <div className="grid grid-cols-[minmax(0,1fr)_5rem_2.5rem] items-center gap-3">
              <span className="font-medium">{name}</span>
              <Bar fraction={proficiency} tone="active" label={`Proficiency ${Math.round(proficiency * 100)} %`} />
              <span aria-hidden="true" className="text-right text-xs text-soft">
                {Math.round(proficiency * 100)} %
              </span>
            </div>
            {technologies.length > 0 && <p className="mt-0.5 text-xs text-soft">{technologies.join(", ")}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  </Section>
);

export const Facts = ({ agent: { status } }: { agent: Agent }) => (
  <Section title="How this is known">
    <Panel className="px-4 py-3 text-sm">
      <p className="flex flex-wrap gap-1.5 pb-2">
        <Chip>lifecycle {status.lifecycle}</Chip>
        <Chip>health {status.health}</Chip>
        <Chip>{status.enabled ? "enabled" : "disabled"}</Chip>
      </p>
      {status.facts.length === 0 && <p className="text-soft">Nothing was observed yet.</p>}
      <ul className="space-y-1.5">
        {status.facts.map((fact) => (
          <li key={fact.at + fact.source + fact.what} className="flex justify-between gap-4">
            <span>
              {fact.what} <span className="text-soft">({fact.source})</span>
            </span>
            <span className="text-soft">
              <Age at={fact.at} suffix=" ago" />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  </Section>
);

export function Reach({ agent }: { agent: Agent }) {
  const { connector } = agent;
  const rows: [string, ReactNode][] = [
    ["Connector", connector.kind],
    ["Address", <Address key="address" connector={connector} />],
    ["At once", `${agent.maxConcurrentTasks} ${agent.maxConcurrentTasks === 1 ? "task" : "tasks"}`],
    ...Object.entries(agent.resourceLimits).map(([name, limit]): [string, ReactNode] => [
      name === "timeoutMs" ? "Time limit" : name,
      name === "timeoutMs" ? toDuration(Number(limit)) : limit,
    ]),
    ...((toolTakers as readonly string[]).includes(connector.kind) ? ([["Tool servers", handedTo(agent)]] satisfies [string, ReactNode][]) : []),
    ["Registered", <Age key="age" at={agent.createdAt} suffix=" ago" />],
  ];
  return (
    <Section title="How it is reached">
      <Panel className="px-4 py-3">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 text-sm">
          {rows.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-soft">{name}</dt>
              <dd className="text-right">{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </Section>
  );
}

const handedTo = ({ toolServers }: Agent): string => (typeof toolServers === "string" ? toolServers : toolServers.join(", "));

function Address({ connector }: { connector: Agent["connector"] }) {
  if (connector.kind === "dialin") return "none: it connects by itself";
  return <code className="font-mono text-xs">{addressOf(connector)}</code>;
}
function addressOf(connector: Exclude<Agent["connector"], { kind: "dialin" }>): string {
  switch (connector.kind) {
    case "http":
      return connector.endpoint;
    case "process":
    case "claude":
    case "terminal":
      return [connector.command, ...connector.args].join(" ");
    case "acp":
      return [connector.command ?? `${connector.agent}, by its own name`, ...(connector.args ?? [])].join(" ");
    case "a2a":
      return connector.url;
    case "langgraph":
      return `${connector.assistant} at ${connector.url}`;
    case "openai":
      return `${connector.model} at ${connector.baseUrl ?? "this server's Ollama"}`;
    case "mcp":
      return "url" in connector.server ? connector.server.url : [connector.server.command, ...connector.server.args].join(" ");
  }
}
