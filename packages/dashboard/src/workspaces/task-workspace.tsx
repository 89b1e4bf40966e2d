// The work tree in which a task is worked on, where it has one.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useWorld } from "../api/world.ts";
import { workspacesQuery } from "./workspace-queries.ts";

export function TaskWorkspace({ taskId, repository }: { taskId: string; repository: string | null }) {
  const { data } = useQuery({ ...workspacesQuery(useWorld(), { taskId }), enabled: repository !== null });
  const [workspace] = data?.items ?? [];
  if (workspace === undefined) return null;
  return (
    <Link to="/workspaces/$workspaceId" params={{ workspaceId: workspace.id }} className="text-accent underline underline-offset-2 [overflow-wrap:anywhere]">
      what it changed
    </Link>
  );
}
