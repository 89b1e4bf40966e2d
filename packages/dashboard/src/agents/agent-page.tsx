// One agent: how it is and from what that is known, what it can do, and what it did lately.
import type { Agent } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, Suspense, lazy, useEffect } from "react";
import { RememberedRules } from "../approvals/remembered-rules.tsx";
import { agentQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { toDuration } from "../std/duration.ts";
import { BackLink } from "../tasks/task-head.tsx";
import { RawJson } from "../power/raw-json.tsx";
import { Bar } from "../ui/bar.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { StatusWord } from "../ui/status-mark.tsx";
import { AgentActions } from "./agent-actions.tsx";
import { Capabilities, Facts, Reach } from "./agent-facts.tsx";
import { AttemptTable } from "./attempt-table.tsx";
import { AgentCheckpoints } from "../workspaces/agent-checkpoints.tsx";
import { OpenMessages } from "./open-messages.tsx";
import { ToolList } from "./tool-list.tsx";

const TerminalView = lazy(() => import("./terminal-view.tsx"));
const route = getRouteApi("/agents/$agentId");

export function AgentPage() {
  const { agentId } = route.useParams();
  const { data: agent, error, refetch } = useQuery(agentQuery(useWorld(), agentId));
  useEffect(() => {
    document.title = agent === undefined ? "Agent · Baton" : `${agent.name} · ${agent.status.state} · Baton`;
  }, [agent]);
  return (
    <>
      <BackLink to="/agents" />
      {agent === undefined && <h1 className="sr-only">Agent {agentId}</h1>}
      {agent && <AgentView agent={agent} />}
      {!agent && (
        <div className="mt-6">{error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading what="the agent" className="h-96" />}</div>
      )}
    </>
  );
}

function AgentView({ agent }: { agent: Agent }) {
  const { status } = agent;
  return (
    <>
      <header className="mt-3 flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
        <div className="min-w-0 flex-1 basis-80">
          <h1 className="text-2xl leading-tight">{agent.name}</h1>
          {agent.description !== "" && <p className="mt-1.5 max-w-prose text-soft">{agent.description}</p>}
          <p className="mt-3 flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <StatusWord status={status.state} />
            <span className="text-soft">{status.reason}</span>
          </p>
        </div>
        <AgentActions agent={agent} />
      </header>
      <div className="mt-8 grid grid-cols-[minmax(0,1fr)] items-start gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="space-y-8">
          <Numbers agent={agent} />
          {agent.connector.kind === "terminal" && (
            <Suspense fallback={<Loading what="the terminal" className="h-96" />}>
              <TerminalView agent={agent} />
            </Suspense>
          )}
          <OpenMessages agentId={agent.id} />
          <RememberedRules of={{ agentId: agent.id }} />
          <AttemptTable agentId={agent.id} />
          <RawJson value={agent} from={`/api/v1/agents/${agent.id}`} />
        </div>
        <div className="space-y-8">
          {agent.connector.kind === "mcp" && <ToolList agent={agent} />}
          <Capabilities agent={agent} />
          <AgentCheckpoints agentId={agent.id} />
          <Facts agent={agent} />
          <Reach agent={agent} />
        </div>
      </div>
    </>
  );
}

function Numbers({ agent }: { agent: Agent }) {
  const { load } = agent.status;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line xl:grid-cols-4">
      <Tally name="Load" value={`${load.active} of ${load.max}`}>
        <Bar fraction={load.factor} tone="active" label={`Load: ${load.active} of ${load.max}`} />
      </Tally>
      <Tally name="Attempts" value={agent.attemptsEnded.toLocaleString()} />
      <Tally name="Succeeded" value={agent.successRate === null ? "–" : `${Math.round(agent.successRate * 100)} %`} />
      <Tally name="On average" value={agent.averageDurationMs === null ? "–" : toDuration(agent.averageDurationMs)} />
    </dl>
  );
}

const Tally = ({ name, value, children }: { name: string; value: string; children?: ReactNode }) => (
  <div className="bg-raised px-4 py-3.5">
    <dt className="text-sm text-soft">{name}</dt>
    <dd className="mt-0.5 text-xl font-medium tracking-tight">{value}</dd>
    {children === undefined ? null : <dd className="mt-2">{children}</dd>}
  </div>
);
