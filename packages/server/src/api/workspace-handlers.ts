// Which verb answers each route of workspaces.
import { getConflict, listConflicts, resolveConflict } from "../conflicts/conflicts.ts";
import { checkpointAgent, getAgentCheckpoint, getTask, listAgentCheckpoints, reviewWorkspace, rollBackAgent, type TasksWorld } from "../tasks/tasks.ts";
import { getWorkspace, getWorkspaceRow, listCheckpoints, listRuns, listVisits, listWorkspaces, removeWorkspace, viewDiff } from "../workspaces/workspaces.ts";
import type { Handlers } from "./api-world.ts";

type WorkspaceRoute =
  | "listWorkspaces"
  | "getWorkspace"
  | "removeWorkspace"
  | "listWorkspaceRuns"
  | "getWorkspaceDiff"
  | "listWorkspaceVisits"
  | "listWorkspaceCheckpoints"
  | "reviewWorkspace"
  | "listCheckpoints"
  | "createCheckpoint"
  | "getCheckpoint"
  | "rollBack"
  | "listConflicts"
  | "getConflict"
  | "resolveConflict";

export function workspaceHandlers(world: TasksWorld): Pick<Handlers, WorkspaceRoute> {
  return {
    listWorkspaces: async ({ query, who }) => ({ answer: await listWorkspaces(world, who.scope, query) }),
    getWorkspace: async ({ params }) => ({ answer: await getWorkspace(world, params.id) }),
    removeWorkspace: async ({ params, query }) => ({ answer: await removeWorkspace(world, params.id, query, world.dispatcher.lease() ?? "") }),
    listWorkspaceRuns: async ({ params }) => ({ answer: await listRuns(world, await getWorkspaceRow(world, params.id)) }),
    getWorkspaceDiff: async ({ params, query }) => ({ answer: await viewDiff(world, params.id, query) }),
    listWorkspaceVisits: async ({ params, query }) => ({ answer: await listVisits(world, params.id, query.limit) }),
    listWorkspaceCheckpoints: async ({ params, who }) => ({
      answer: await listCheckpoints(world, { workspaceId: (await getWorkspaceRow(world, params.id)).id }, who.scope),
    }),
    reviewWorkspace: async ({ params, body }) => ({ answer: await getTask(world, await reviewWorkspace(world, params.id, body)) }),

    listCheckpoints: async ({ params, query, who }) => ({ answer: await listAgentCheckpoints(world, params.id, query.workspaceId, who.scope) }),
    createCheckpoint: async ({ params, body, who }) => ({ answer: await checkpointAgent(world, params.id, body, who.scope) }),
    getCheckpoint: async ({ params }) => ({ answer: await getAgentCheckpoint(world, params.id, params.checkpointId) }),
    rollBack: async ({ params }) => ({ answer: await rollBackAgent(world, params.id, params.checkpointId) }),

    listConflicts: async ({ query, who }) => ({ answer: await listConflicts(world, who.scope, query) }),
    getConflict: async ({ params }) => ({ answer: await getConflict(world, params.id) }),
    resolveConflict: async ({ params, body, caller }) => ({ answer: await resolveConflict(world, params.id, body, caller) }),
  };
}
