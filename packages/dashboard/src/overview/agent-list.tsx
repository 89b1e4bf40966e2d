// Who is here to do the work, and how each of them is.
import type { Agent } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Bar } from "../ui/bar.tsx";
import { Chips } from "../ui/chip.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age } from "../ui/when.tsx";
import { ConnectAgent } from "./connect-agent.tsx";

export function AgentList() {
  const { data, error, refetch } = useQuery(agentsQuery(useWorld()));
  const agents = data?.items ?? [];
  return (
    <Section
      title="Agents"
      aside={data && <span className="text-sm text-soft">{data.total > agents.length ? `${agents.length} of ${data.total}` : data.total}</span>}
    >
      {error && <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />}
      {agents.length > 0 && (
        <>
          <Panel className="overflow-hidden">
            <ul className="divide-y divide-line">
              {agents.map((agent) => (
                <AgentRow key={agent.id} agent={agent} />
              ))}
            </ul>
          </Panel>
          <details className="mt-3 text-sm">
            <summary className="w-fit rounded text-soft hover:text-ink">Connect another agent</summary>
            <div className="mt-3">
              <ConnectAgent />
            </div>
          </details>
        </>
      )}
      {data?.items.length === 0 && (
        <Panel className="p-4">
          <h3 className="mb-1">No agent is here yet</h3>
          <p className="mb-4 text-sm text-soft">Tasks wait until somebody can take them. Connect an agent in either of two ways:</p>
          <ConnectAgent />
        </Panel>
      )}
      {!data && !error && (
        <Panel>
          <Loading what="agents" className="h-96" />
        </Panel>
      )}
    </Section>
  );
}

function AgentRow({ agent }: { agent: Agent }) {
  const { status } = agent;
  const tone = toTone(status.state);
  const newest = status.facts[0];
  return (
    <li data-agent={agent.name} className="relative px-4 py-3 hover:bg-paper">
      <div className="flex items-center gap-2.5">
        <StatusMark status={status.state} />
        <Link to="/agents/$agentId" params={{ agentId: agent.id }} className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0">
          {agent.name}
        </Link>
        <span className="text-xs text-soft">{agent.connector.kind}</span>
      </div>
      <div className="mt-0.5 space-y-2 pl-[1.625rem]">
        <p className="text-sm text-soft">
          <span className={`font-medium ${toneText[tone]}`}>{status.state}</span>
          {status.reason === "" ? null : ` · ${status.reason}`}
        </p>
        <Chips label={`Capabilities of ${agent.name}`} names={agent.capabilities.map((capability) => capability.name)} most={3} />
        <div className="flex items-center gap-3 text-xs text-soft">
          <span className="w-20">
            <Bar fraction={status.load.factor} tone="active" label={`Load: ${status.load.active} of ${status.load.max}`} />
          </span>
          <span aria-hidden="true">
            {status.load.active}/{status.load.max}
          </span>
          {newest && (
            <span className="relative ml-auto" title={`${newest.source}: ${newest.what}`}>
              changed <Age at={newest.at} suffix=" ago" />
            </span>
          )}
        </div>
      </div>
    </li>
  );
}
