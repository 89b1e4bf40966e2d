// Facts about workspaces, as they go to the log.
import type { EventType, Json } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import type { Tx } from "../store/db.ts";
import type { WorkspaceRow } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

type About = Pick<WorkspaceRow, "id" | "task_id" | "agent_id" | "project"> & Partial<Pick<WorkspaceRow, "path" | "branch">>;
type NewsType = EventType & `${"workspace" | "checkpoint"}.${string}`;
/** To be the last thing in its transaction. */
export function tellNews({ events }: Pick<WorkspacesWorld, "events">, tx: Tx, type: NewsType, about: About, data: Record<string, Json>): void {
  tx.leave(events.append(tx, [toEvent(type, about, data)]));
}
export function toEvent(type: NewsType, { id, task_id, agent_id, project, path, branch }: About, data: Record<string, Json>): NewEvent {
  const ids = { ...(task_id === null ? {} : { taskId: task_id }), ...(agent_id === null ? {} : { agentId: agent_id }) };
  return {
    type,
    ...ids,
    data: { projectId: project, workspaceId: id, ...(path === undefined ? {} : { path }), ...(branch === undefined ? {} : { branch }), ...data },
  };
}
