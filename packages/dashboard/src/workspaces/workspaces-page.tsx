// The work trees in which tasks and agents work: whose they are, how they stand, and when somebody was in them last.
import type { Workspace } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { agentsQuery, taskQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Snippet } from "../ui/snippet.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Age } from "../ui/when.tsx";
import { ConflictList } from "./conflict-list.tsx";
import { StandingWord } from "./state-word.tsx";
import { WORKSPACE_PAGE, type WorkspaceFilter, workspacesQuery } from "./workspace-queries.ts";

const route = getRouteApi("/workspaces");
const filters: Record<"present" | "lost" | "removed" | "all", WorkspaceFilter> = {
  present: { state: "present" },
  lost: { state: "lost" },
  removed: { state: "removed" },
  all: {},
};

export function WorkspacesPage() {
  const show: keyof typeof filters = route.useSearch().show ?? "present";
  useEffect(() => {
    document.title = "Workspaces · Baton";
  }, []);
  const tabs = [
    { name: "There now", search: {}, isCurrent: show === "present" },
    { name: "Lost", search: { show: "lost" }, isCurrent: show === "lost" },
    { name: "Removed", search: { show: "removed" }, isCurrent: show === "removed" },
    { name: "All", search: { show: "all" }, isCurrent: show === "all" },
  ];
  return (
    <>
      <PageHead title="Workspaces" />
      <Tabs label="Which workspaces" tabs={tabs.map((tab) => ({ ...tab, to: "/workspaces" }))} />
      {show === "present" && <ConflictList />}
      <Listed key={show} show={show} />
    </>
  );
}

function Listed({ show }: { show: keyof typeof filters }) {
  const [page, setPage] = useState(0);
  const { data, error, refetch } = useQuery(workspacesQuery(useWorld(), filters[show], page));
  return (
    <>
      {error && <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />}
      {!data && !error && <Loading what="workspaces" className="h-64" />}
      {data?.items.length === 0 && <Nothing isFiltered={show === "lost" || show === "removed"} />}
      {data !== undefined && data.items.length > 0 && (
        <Panel className="overflow-hidden">
          <ul className="divide-y divide-line" aria-label="Workspaces">
            {data.items.map((workspace) => (
              <WorkspaceRow key={workspace.id} workspace={workspace} />
            ))}
          </ul>
        </Panel>
      )}
      {data !== undefined && data.total > WORKSPACE_PAGE && (
        <div className="mt-4 flex items-center justify-center gap-3 text-sm text-soft">
          <Button disabled={page === 0} onClick={() => setPage(page - 1)}>
            Newer
          </Button>
          {page * WORKSPACE_PAGE + 1}–{Math.min(data.total, (page + 1) * WORKSPACE_PAGE)} of {data.total}
          <Button disabled={(page + 1) * WORKSPACE_PAGE >= data.total} onClick={() => setPage(page + 1)}>
            Older
          </Button>
        </div>
      )}
    </>
  );
}

const example = `description: Say in the README how to install it
repository: /path/to/the/repository
workspace: task`;

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return <Empty title="None of these">A workspace that is removed, or whose directory is gone, is still kept by a ref of its repository.</Empty>;
  return (
    <Empty icon="branch" title="Nobody works in a work tree of its own">
      <p>
        A task that says <code className="font-mono text-xs">workspace: task</code> is worked on in a git work tree on a branch of its own. Here you see what it
        changed, comment on its lines, and set it back.
      </p>
      <div className="mx-auto mt-4 max-w-md text-left">
        <Snippet label="A task file" code={example} />
      </div>
    </Empty>
  );
}

function WorkspaceRow({ workspace }: { workspace: Workspace }) {
  const { branch, baseBranch, repository, attempts, state, reason } = workspace;
  return (
    <li data-row className="relative px-4 py-3 hover:bg-paper">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <Link
          to="/workspaces/$workspaceId"
          params={{ workspaceId: workspace.id }}
          className="min-w-0 font-medium [overflow-wrap:anywhere] after:absolute after:inset-0"
        >
          <Owner workspace={workspace} />
        </Link>
        <span className="ml-auto text-xs text-soft">
          used <Age at={workspace.lastUsedAt} suffix=" ago" />
        </span>
      </div>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2 gap-y-1 text-sm text-soft">
        <StandingWord workspace={workspace} />
        {attempts.length > 0 && <span>{attempts.length === 1 ? "one attempt" : `${attempts.length} attempts`}</span>}
        <span>{repository.path.split("/").at(-1)}</span>
        <code className="font-mono text-xs [overflow-wrap:anywhere]">{branch}</code>
        {baseBranch !== null && <span>from {baseBranch}</span>}
        {(state === "lost" || state === "restoring") && <span>{reason}</span>}
      </p>
    </li>
  );
}

/** Its task's title or its agent's name; until that is known, or where it is gone, the branch. */
function Owner({ workspace: { taskId, agentId, branch, kind } }: { workspace: Workspace }) {
  const world = useWorld();
  const { data: task } = useQuery({ ...taskQuery(world, taskId ?? ""), enabled: kind === "task" && taskId !== null });
  const { data: agents } = useQuery({ ...agentsQuery(world), enabled: kind === "agent" });
  return <>{kind === "task" ? (task?.title ?? branch) : (agents?.items.find(({ id }) => id === agentId)?.name ?? branch)}</>;
}
