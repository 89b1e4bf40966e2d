// Work trees that get into each other's way before they land: whose they are, in which files and lines, and that it is taken care of. Takes no room while
// nobody is in anybody's way.
import type { Conflict, ConflictOwner, OverlappingFile } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { agentsQuery, taskQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { conflictsQuery } from "./workspace-queries.ts";

const MOST = 20;

/** The open ones: of one workspace, or of all. */
export function ConflictList({ workspaceId }: { workspaceId?: string }) {
  const { data, error } = useQuery(conflictsQuery(useWorld(), { state: "open", ...(workspaceId === undefined ? {} : { workspaceId }) }, MOST));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Conflicts" className="mb-6" aside={data.total > MOST && <span className="text-sm text-soft">the newest of {data.total}</span>}>
      <Panel className="overflow-hidden">
        <ul className="divide-y divide-line" aria-label="Conflicts">
          {data.items.map((conflict) => (
            <ConflictRow key={conflict.id} conflict={conflict} />
          ))}
        </ul>
      </Panel>
    </Section>
  );
}

function ConflictRow({ conflict }: { conflict: Conflict }) {
  const [isOpen, setOpen] = useState(false);
  const { owners, reason, severity, createdAt } = conflict;
  return (
    <li data-row className="px-4 py-3">
      <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        {owners.map((owner, at) => (
          <span key={owner.workspaceId} className="[overflow-wrap:anywhere]">
            {at > 0 && <span className="text-soft">and </span>}
            <Link
              to="/workspaces/$workspaceId"
              params={{ workspaceId: owner.workspaceId }}
              className="inline-block py-0.5 font-medium underline underline-offset-2"
            >
              <OwnerName owner={owner} />
            </Link>
          </span>
        ))}
        <span className="ml-auto text-xs text-soft">
          <Age at={createdAt} suffix=" ago" />
        </span>
      </p>
      <p className={`mt-1 text-sm [overflow-wrap:anywhere] ${severity === "merge" ? "text-bad" : "text-soft"}`}>{reason}</p>
      <p className="mt-2 flex flex-wrap gap-2">
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide files" : "Show files"}
        </Button>
        <Resolve id={conflict.id} />
      </p>
      {isOpen && <Files files={conflict.files} total={conflict.fileCount} />}
    </li>
  );
}
/** Its task's title or its agent's name; until that is known, or where it is gone, the branch. */
function OwnerName({ owner: { kind, taskId, agentId, branch } }: { owner: ConflictOwner }) {
  const world = useWorld();
  const { data: task } = useQuery({ ...taskQuery(world, taskId ?? ""), enabled: kind === "task" && taskId !== null });
  const { data: agents } = useQuery(agentsQuery(world));
  const agent = agents?.items.find(({ id }) => id === agentId)?.name;
  if (kind === "agent") return <>{agent ?? branch}</>;
  return <>{`${task?.title ?? branch}${agent === undefined ? "" : ` (${agent})`}`}</>;
}
function Files({ files, total }: { files: OverlappingFile[]; total: number }) {
  return (
    <ul aria-label="Files" className="mt-3 space-y-1 text-sm">
      {files.map(({ path, severity, lines, detail }) => (
        <li key={path} className="[overflow-wrap:anywhere]">
          <code className={`font-mono text-xs ${severity === "merge" ? "text-bad" : ""}`}>{path}</code>{" "}
          <span className="text-soft">
            {lines.length > 0 && `${lines.map(({ from, to }) => (from === to ? `line ${from}` : `lines ${from}–${to}`)).join(", ")} `}
            {detail}
          </span>
        </li>
      ))}
      {total > files.length && <li className="text-soft">and {total - files.length} more</li>}
    </ul>
  );
}
function Resolve({ id }: { id: string }) {
  const world = useWorld();
  const mayResolve = useMay("resolveConflict");
  const resolve = useMutation({
    mutationFn: () => world.client().resolveConflict({ params: { id }, body: {} }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["conflicts"] }),
  });
  return (
    <>
      {mayResolve && (
        <Button disabled={resolve.isPending} onClick={() => resolve.mutate()} title="It comes back only when it gets worse">
          It is taken care of
        </Button>
      )}
      {resolve.error && <ProblemNote error={resolve.error} />}
    </>
  );
}
