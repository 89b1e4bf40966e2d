// A workspace: a git work tree with a branch of its own, in which the work of one task, or of one agent, is done. It is never removed before all that is
// in it is kept by a ref of its repository.
import { z } from "zod";
import { id, instant, pageQuery, text } from "./json.ts";

/**
 * Where steps are worked on: `task`, in the one work tree of their task; `agent`, in the one of their agent, which it keeps from task to task;
 * `none`, in the repository itself, or where the agent's registration says.
 */
export const workspaceModes = ["task", "agent", "none"] as const;
export const workspaceMode = z.enum(workspaceModes);
export type WorkspaceMode = z.infer<typeof workspaceMode>;

/**
 * `creating`, `restoring` (to a checkpoint) and `removing` are on the way; `ready` takes work. `lost`: its directory is gone, or no work tree any more; what was snapshotted is kept.
 * `removed`: its snapshot holds all that was in it.
 */
export const workspaceStates = ["creating", "ready", "restoring", "removing", "removed", "lost"] as const;
export const workspace = z.object({
  id: z.string(),
  seq: z.number().int(),
  kind: z.enum(["task", "agent"]),
  taskId: z.string().nullable(),
  agentId: z.string().nullable(),
  repository: z.object({ id: z.string(), path: z.string() }),
  path: z.string(),
  branch: z.string(),
  /** What it began from: the branch that was checked out in the repository, null when none was, and the commit it stood at. */
  baseBranch: z.string().nullable(),
  baseCommit: z.string(),
  state: z.enum(workspaceStates),
  /** Why it is so, in a sentence. */
  reason: z.string(),
  /** Attempts that work in it now. */
  attempts: z.array(z.string()),
  /** Holds everything it was ever snapshotted with, and with `commit` all that was in it at `at`. */
  snapshot: z.object({ ref: z.string(), commit: z.string(), at: instant }).nullable(),
  /** The commit of the target branch that has its work. */
  landed: z.object({ commit: z.string(), at: instant }).nullable(),
  /** The server that made it. */
  server: z.string(),
  createdAt: instant,
  lastUsedAt: instant,
  removedAt: instant.nullable(),
});
export type Workspace = z.infer<typeof workspace>;

export const workspaceQuery = pageQuery.extend({
  /** One, or `present`: all but those that are removed. */
  state: z.enum([...workspaceStates, "present"]).optional(),
  taskId: id.optional(),
  agentId: id.optional(),
  /** A repository's id or path. */
  repository: text(4000).optional(),
});
export type WorkspaceQuery = z.output<typeof workspaceQuery>;
/** `force`: also one whose work has not landed. Its snapshot is kept all the same. */
export const workspaceRemoval = z.strictObject({ force: z.stringbool().default(false) });

/** Where a piece of work is to be done, as its agent is told. */
export const workPlace = z.object({ id: z.string(), path: z.string(), branch: z.string(), baseCommit: z.string() });
export type WorkPlace = z.infer<typeof workPlace>;
