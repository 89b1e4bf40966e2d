// Coding agents that are installed where the server runs, each a click away from being one of ours.
import type { FoundAgent } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { detectedQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { TryOutAgent } from "./try-out-agent.tsx";

export function DetectedAgents() {
  const { data, error, refetch, isFetching } = useQuery(detectedQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what is installed here: each program is asked for its version" className="h-48" />;
  return (
    <div className="max-w-3xl space-y-4">
      {data.items.length === 0 && <TryOutAgent />}
      {data.items.length === 0 ? (
        <Empty icon="terminal" title="No coding agent was found">
          Looked in {data.looked.join(", ") || "no folder"}. Install one, such as Claude Code, Codex, Copilot or Gemini, and look again.
        </Empty>
      ) : (
        <Panel>
          <ul className="divide-y divide-line">
            {data.items.map((found) => (
              <FoundRow key={found.id} found={found} />
            ))}
          </ul>
        </Panel>
      )}
      <Button onClick={() => void refetch()} disabled={isFetching}>
        {isFetching ? "Looking…" : "Look again"}
      </Button>
      {data.items.length > 0 && <TryOutAgent />}
    </div>
  );
}

const logins = { ready: "can log in", missing: "has no login", unknown: "login unknown" } as const;

function FoundRow({ found }: { found: FoundAgent }) {
  const world = useWorld();
  const add = useMutation({
    mutationFn: (body: NonNullable<FoundAgent["registration"]>) => world.client().createAgent({ body }),
    onSuccess: () => world.queries.invalidateQueries({ queryKey: ["agents"] }),
  });
  const { registration, registeredAs, login } = found;
  const name = add.data?.name ?? registeredAs;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium">
            {found.title} <span className="text-sm font-normal text-soft">{found.version ?? "does not say its version"}</span>
          </p>
          <p className="text-sm text-soft">
            <span className={login.state === "ready" ? "text-accent" : login.state === "missing" ? "text-wait" : ""}>{logins[login.state]}</span>
            {login.why === "" ? "" : `: ${login.why}`}
          </p>
          <p className="text-sm text-soft">{found.how}</p>
        </div>
        {name === null ? (
          registration !== null && (
            <Button kind="main" disabled={add.isPending} onClick={() => add.mutate(registration)} aria-label={`Add ${found.title}`}>
              {add.isPending ? "Adding…" : "Add"}
            </Button>
          )
        ) : (
          <Link to="/agents/$agentId" params={{ agentId: name }} className="text-sm text-accent underline underline-offset-2">
            is here as {name}
          </Link>
        )}
      </div>
      {add.error && (
        <div className="mt-3">
          <ProblemNote error={add.error} />
        </div>
      )}
    </li>
  );
}
