// Facts about workspaces, as they go to the log.
import type { EventType, Json } from "@baton/contract";
import type { Tx } from "../store/db.ts";
import type { WorkspaceRow } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

type About = Pick<WorkspaceRow, "id" | "task_id" | "agent_id"> & Partial<Pick<WorkspaceRow, "path" | "branch">>;
/** To be the last thing in its transaction. */
export function tellNews(
  { events }: Pick<WorkspacesWorld, "events">,
  tx: Tx,
  type: EventType & `${"workspace" | "checkpoint"}.${string}`,
  about: About,
  data: Record<string, Json>,
): void {
  const { id, task_id, agent_id, path, branch } = about;
  const ids = { ...(task_id === null ? {} : { taskId: task_id }), ...(agent_id === null ? {} : { agentId: agent_id }) };
  tx.leave(
    events.append(tx, [
      { type, ...ids, data: { workspaceId: id, ...(path === undefined ? {} : { path }), ...(branch === undefined ? {} : { branch }), ...data } },
    ]),
  );
}
