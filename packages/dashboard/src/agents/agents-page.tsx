// Everybody who can be handed work: how each is and why, how loaded, how well it did, and when it last told of itself.
import { type Agent, agentStates } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { agentListQuery, agentStatsQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { ConnectAgent } from "../overview/connect-agent.tsx";
import { toDuration } from "../std/duration.ts";
import { Bar } from "../ui/bar.tsx";
import { Button, LinkButton } from "../ui/button.tsx";
import { Chips } from "../ui/chip.tsx";
import { Empty } from "../ui/empty.tsx";
import { Select, TextInput } from "../ui/field.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age } from "../ui/when.tsx";
import type { AgentSearch } from "./agent-search.ts";

const route = getRouteApi("/agents");
const PAGE = 60;
const TYPED_MS = 250;

export function AgentsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayRegister = useMay("createAgent");
  const { page = 0, q, status } = search;
  const filter = { ...(q === undefined ? {} : { q }), ...(status === undefined ? {} : { status }) };
  const { data, error, refetch } = useQuery(agentListQuery(useWorld(), filter, page, PAGE));
  useEffect(() => {
    document.title = "Agents · Baton";
  }, []);
  const isFiltered = q !== undefined || status !== undefined;
  return (
    <>
      <PageHead title="Agents">
        {mayRegister && (
          <LinkButton to="/agents/new" kind="main" icon="plus">
            Register an agent
          </LinkButton>
        )}
      </PageHead>
      <Filters search={search} />
      {error && data === undefined && <ProblemNote error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what="agents" className="h-96" />}
      {data?.total === 0 && isFiltered && (
        <Empty icon="search" title="No agent fits">
          Take the filter away: agents are searched by their name and description.
        </Empty>
      )}
      {data?.total === 0 && !isFiltered && (
        <Empty
          icon="agents"
          title="No agent is here yet"
          action={
            mayRegister && (
              <LinkButton to="/agents/new" kind="main" icon="plus">
                Register the first
              </LinkButton>
            )
          }
        >
          <p className="mb-4">Tasks wait until somebody can take them. Whoever answers HTTP can be registered; whoever does not can dial in by itself.</p>
          <div className="text-left">
            <ConnectAgent />
          </div>
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-3" aria-label="Agents">
          {data.items.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
      {data !== undefined && data.total > PAGE && (
        <div className="mt-5 flex items-center justify-center gap-3 text-sm text-soft">
          <Button disabled={page === 0} onClick={() => void navigate({ search: { ...search, page: page - 1 } })}>
            Before
          </Button>
          {page * PAGE + 1}–{Math.min(data.total, (page + 1) * PAGE)} of {data.total.toLocaleString()}
          <Button disabled={(page + 1) * PAGE >= data.total} onClick={() => void navigate({ search: { ...search, page: page + 1 } })}>
            Next
          </Button>
        </div>
      )}
    </>
  );
}

function Filters({ search }: { search: AgentSearch }) {
  const navigate = route.useNavigate();
  const { data: stats } = useQuery(agentStatsQuery(useWorld()));
  const [typed, setTyped] = useState(search.q ?? "");
  useEffect(() => {
    if (typed === (search.q ?? "")) return undefined;
    const timer = setTimeout(() => {
      const { q: _, page: __, ...rest } = search;
      void navigate({ search: typed === "" ? rest : { ...rest, q: typed }, replace: true });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  });
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2">
      <TextInput
        type="search"
        data-search
        aria-label="Search agents"
        placeholder="Search names and descriptions"
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
        className="min-w-0 flex-1 basis-56 sm:max-w-sm"
      />
      <Select
        aria-label="Status"
        value={search.status ?? ""}
        onChange={({ target }) => {
          const { status: _, page: __, ...rest } = search;
          const status = agentStates.find((state) => state === target.value);
          void navigate({ search: status === undefined ? rest : { ...rest, status }, replace: true });
        }}
      >
        <option value="">any status{stats === undefined ? "" : ` (${stats.total})`}</option>
        {agentStates.map((state) => (
          <option key={state} value={state}>
            {state}
            {stats === undefined ? "" : ` (${stats.byState[state] ?? 0})`}
          </option>
        ))}
      </Select>
    </search>
  );
}

function AgentCard({ agent }: { agent: Agent }) {
  const { status } = agent;
  const newest = status.facts[0];
  return (
    <li data-row data-agent={agent.name} className="relative flex flex-col rounded-lg border border-line bg-raised p-4 hover:border-edge">
      <div className="flex items-center gap-2.5">
        <StatusMark status={status.state} />
        <Link to="/agents/$agentId" params={{ agentId: agent.id }} className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0">
          {agent.name}
        </Link>
        <span className="text-xs text-soft">{agent.connector.kind}</span>
      </div>
      <p className="mt-1 line-clamp-2 min-h-[1.3rem] text-sm text-soft" title={status.reason}>
        <span className={`font-medium ${toneText[toTone(status.state)]}`}>{status.state}</span>
        {status.reason === "" ? null : ` · ${status.reason}`}
      </p>
      <div className="mt-2 mb-3 min-h-6">
        <Chips label={`Capabilities of ${agent.name}`} names={agent.capabilities.map(({ name }) => name)} most={3} />
      </div>
      <dl className="mt-auto grid grid-cols-3 gap-2 border-t border-line pt-3 text-xs">
        <div>
          <dt className="text-soft">Load</dt>
          <dd className="mt-0.5 font-medium">
            {status.load.active} of {status.load.max}
          </dd>
          <dd className="mt-1.5 max-w-16">
            <Bar fraction={status.load.factor} tone="active" label={`Load ${status.load.active} of ${status.load.max}`} />
          </dd>
        </div>
        <div>
          <dt className="text-soft">Succeeded</dt>
          <dd className="mt-0.5 font-medium">{agent.successRate === null ? "not tried" : `${Math.round(agent.successRate * 100)} %`}</dd>
          <dd className="text-soft">{agent.averageDurationMs === null ? "" : `${toDuration(agent.averageDurationMs)} each`}</dd>
        </div>
        <div className="text-right">
          <dt className="text-soft">Last seen</dt>
          <dd className="relative mt-0.5 font-medium">{newest === undefined ? "never" : <Age at={newest.at} suffix=" ago" />}</dd>
          <dd className="truncate text-soft" title={newest?.what}>
            {newest?.source}
          </dd>
        </div>
      </dl>
    </li>
  );
}
