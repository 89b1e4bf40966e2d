// The empty list of tasks, where agents are already: what a task is, one that is done in a moment, and one to copy that somebody here can do.
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy } from "react";
import { agentsQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Loading, Panel } from "../ui/section.tsx";
import { Snippet } from "../ui/snippet.tsx";

const TryOutAgent = lazy(() => import("../register/try-out-agent.tsx").then((found) => ({ default: found.TryOutAgent })));

export function FirstTask() {
  const { data: agents } = useQuery(agentsQuery(useWorld()));
  const mayTry = useMay("createAgent", "submitTask");
  const needed = agents?.items.flatMap(({ capabilities }) => capabilities)[0]?.name ?? "summarise";
  const curl = `curl ${window.location.origin}/api/v1/tasks \\
  -H 'content-type: application/json' \\
  -d '{"description": "Summarise the README", "requirements": ["${needed}"]}'`;
  return (
    <div className="space-y-4">
      {mayTry && (
        <Suspense fallback={<Loading what="a first task" className="h-36" />}>
          <TryOutAgent />
        </Suspense>
      )}
      <Panel className="p-5">
        <h3 className="mb-1">No task yet</h3>
        <p className="mb-4 max-w-prose text-sm text-soft">
          Say above what should be done and what it needs. Baton plans the steps, chooses an agent for each and says why, and shows it here as it happens. The
          same from a terminal:
        </p>
        <Snippet label="Hand in a task" code={curl} />
      </Panel>
    </div>
  );
}
