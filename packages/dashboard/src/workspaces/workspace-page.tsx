// One workspace: what was changed in it, to be commented line by line; who worked there, what it can be set back to, and how it fares on its way to a branch.
import type { Workspace } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { RawJson } from "../power/raw-json.tsx";
import { BackLink } from "../tasks/task-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Section } from "../ui/section.tsx";
import { CheckpointList } from "./checkpoint-list.tsx";
import { CompareStates } from "./compare-states.tsx";
import { type Compared, isNow } from "./compared.ts";
import { ConflictList } from "./conflict-list.tsx";
import { DiffView } from "./diff-view.tsx";
import { ReviewBar } from "./review-bar.tsx";
import { RunList } from "./run-list.tsx";
import { useReviewDraft } from "./review-draft.ts";
import { VisitList } from "./visit-list.tsx";
import { WorkspaceHead } from "./workspace-head.tsx";
import { WorkspaceLandings } from "./workspace-landings.tsx";
import { visitsQuery, workspaceCheckpointsQuery, workspaceQuery } from "./workspace-queries.ts";

const route = getRouteApi("/workspaces/$workspaceId");

export function WorkspacePage() {
  const { workspaceId } = route.useParams();
  const compared = route.useSearch();
  const { data: workspace, error, refetch } = useQuery(workspaceQuery(useWorld(), workspaceId));
  useEffect(() => {
    document.title = workspace === undefined ? "Workspace · Baton" : `${workspace.branch} · Baton`;
  }, [workspace]);
  if (workspace !== undefined) return <WorkspaceView key={workspace.id} workspace={workspace} compared={compared} />;
  return (
    <>
      <BackLink to="/workspaces" />
      <h1 className="sr-only">Workspace {workspaceId}</h1>
      <div className="mt-6">{error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading what="the workspace" className="h-96" />}</div>
    </>
  );
}

function WorkspaceView({ workspace, compared }: { workspace: Workspace; compared: Compared }) {
  const world = useWorld();
  const { id } = workspace;
  const mayReview = useMay("reviewWorkspace");
  const draft = useReviewDraft(id);
  const { data: checkpoints, error: noCheckpoints } = useQuery(workspaceCheckpointsQuery(world, id));
  const { data: visits, error: noVisits } = useQuery(visitsQuery(world, id));
  const isOpen = workspace.state === "ready";
  const worker = workspace.agentId ?? visits?.items[0]?.agentId;
  return (
    <>
      <WorkspaceHead workspace={workspace} />
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] items-start gap-x-8 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="space-y-4">
          <ConflictList workspaceId={id} />
          <Section title="Changes" aside={<CompareStates compared={compared} checkpoints={checkpoints?.items ?? []} />}>
            <DiffView key={JSON.stringify(compared)} workspaceId={id} of={compared} draft={mayReview && isOpen && isNow(compared) ? draft : undefined} />
          </Section>
          {mayReview && isOpen && <ReviewBar workspaceId={id} draft={draft} />}
        </div>
        <div className="space-y-8">
          {noVisits && <ProblemNote error={noVisits} isBesideData={visits !== undefined} />}
          {visits && <VisitList workspaceId={id} visits={visits.items} shown={compared.attempt} />}
          {noCheckpoints && <ProblemNote error={noCheckpoints} isBesideData={checkpoints !== undefined} />}
          {checkpoints && (
            <CheckpointList
              checkpoints={checkpoints.items}
              agentId={isOpen ? worker : undefined}
              workspaceId={id}
              empty="Before each attempt one is kept by itself, and whenever you ask for one."
            />
          )}
          <RunList workspaceId={id} />
          <WorkspaceLandings workspace={workspace} />
        </div>
      </div>
      <div className="mt-8">
        <RawJson value={workspace} from={`/api/v1/workspaces/${id}`} />
      </div>
    </>
  );
}
