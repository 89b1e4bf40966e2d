// The top of a workspace's page: whose it is, how it stands and why, where it lies, and what can be done with it.
import type { Workspace } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { agentQuery, taskQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { LandChange } from "../landings/land-change.tsx";
import { BackLink } from "../tasks/task-head.tsx";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { CopyButton } from "../ui/snippet.tsx";
import { Age } from "../ui/when.tsx";
import { StandingWord } from "./state-word.tsx";

export function WorkspaceHead({ workspace }: { workspace: Workspace }) {
  const { branch, baseBranch, baseCommit, repository, path, reason, createdAt, state, landed, snapshot, ports, bytes } = workspace;
  return (
    <header>
      <BackLink to="/workspaces" />
      <div className="mt-3 flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
        <div className="min-w-0 flex-1 basis-80">
          <h1 className="text-2xl leading-tight [overflow-wrap:anywhere]">{branch}</h1>
          <p className="mt-3 flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <StandingWord workspace={workspace} />
            <span className="text-soft">{reason}</span>
          </p>
          <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-sm text-soft">
            <Owner workspace={workspace} />
            <span>
              from {baseBranch === null ? "" : <span className="text-ink">{baseBranch} </span>}
              <code className="font-mono text-xs">{baseCommit.slice(0, 10)}</code> of {repository.path.split("/").at(-1)}
            </span>
            <span>
              begun <Age at={createdAt} suffix=" ago" />
            </span>
            {ports.length > 0 && (
              <span>
                port{ports.length === 1 ? "" : "s"} {ports.join(", ")}
              </span>
            )}
            {bytes !== null && state !== "removed" && <span>{toMegabytes(bytes)} on the disk</span>}
            {landed !== null && (
              <span>
                landed as <code className="font-mono text-xs">{landed.commit.slice(0, 10)}</code> <Age at={landed.at} suffix=" ago" />
              </span>
            )}
          </div>
          {state === "removed" || state === "lost" ? snapshot !== null && <Where name="Kept as" value={snapshot.ref} /> : <Where name="Lies at" value={path} />}
        </div>
        <Actions workspace={workspace} />
      </div>
    </header>
  );
}

const toMegabytes = (bytes: number): string => (bytes < 1e6 ? "under 1 MB" : `${Math.round(bytes / 1e6).toLocaleString("en-US")} MB`);

const Where = ({ name, value }: { name: string; value: string }) => (
  <p className="mt-1.5 flex flex-wrap items-center gap-x-2 text-sm text-soft">
    {name} <code className="font-mono text-xs text-ink [overflow-wrap:anywhere]">{value}</code>
    <CopyButton text={value} what={name === "Lies at" ? "the directory" : "the ref"} />
  </p>
);

function Owner({ workspace: { kind, taskId, agentId } }: { workspace: Workspace }) {
  const world = useWorld();
  const { data: task } = useQuery({ ...taskQuery(world, taskId ?? ""), enabled: taskId !== null });
  const { data: agent } = useQuery({ ...agentQuery(world, agentId ?? ""), enabled: agentId !== null });
  const look = "text-accent underline underline-offset-2";
  if (kind === "task" && taskId !== null)
    return (
      <span>
        of the task{" "}
        <Link to="/tasks/$taskId" params={{ taskId }} className={look}>
          {task?.title ?? taskId}
        </Link>
      </span>
    );
  if (agentId === null) return null;
  return (
    <span>
      of the agent{" "}
      <Link to="/agents/$agentId" params={{ agentId }} className={look}>
        {agent?.name ?? agentId}
      </Link>
    </span>
  );
}

function Actions({ workspace }: { workspace: Workspace }) {
  const world = useWorld();
  const [mayLand, mayRemove] = [useMay("createLanding"), useMay("removeWorkspace")];
  const [asked, setAsked] = useState<"land" | "remove">();
  const { id, state, attempts, landed, repository, baseBranch, taskId } = workspace;
  const remove = useMutation({
    mutationFn: () => world.client().removeWorkspace({ params: { id }, query: { force: String(landed === null) } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["workspaces"] }),
  });
  if (state !== "ready" || (!mayLand && !mayRemove)) return null;
  return (
    <div className="max-w-full">
      <div className="flex flex-wrap gap-2">
        {mayLand && (
          <Button icon="land" onClick={() => setAsked("land")}>
            Land its branch
          </Button>
        )}
        {mayRemove && (
          <Button icon="trash" disabled={attempts.length > 0 || remove.isPending} onClick={() => setAsked("remove")}>
            {remove.isPending ? "Removing…" : "Remove"}
          </Button>
        )}
      </div>
      {remove.error && (
        <div className="mt-3 max-w-sm">
          <ProblemNote error={remove.error} />
        </div>
      )}
      {asked === "land" && (
        <LandChange
          given={{
            repository: repository.path,
            workspaceId: workspace.id,
            ...(baseBranch === null ? {} : { target: baseBranch }),
            ...(taskId === null ? {} : { taskId }),
          }}
          onLeave={() => setAsked(undefined)}
        />
      )}
      {asked === "remove" && (
        <Confirm
          title="Remove this work tree?"
          action="Remove it"
          onLeave={() => setAsked(undefined)}
          onConfirm={() => {
            setAsked(undefined);
            remove.mutate();
          }}
        >
          {landed === null && "Its work has not landed. "}The directory goes; all that is in it that git does not ignore is kept by a ref of the repository
          first.
        </Confirm>
      )}
    </div>
  );
}
