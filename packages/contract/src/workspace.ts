// A workspace: a git work tree with a branch of its own, in which the work of one task, or of one agent, is done. It is never removed before all that is
// in it is kept by a ref of its repository.
import { z } from "zod";
import { environmentVariables, id, instant, milliseconds, pageQuery, text } from "./json.ts";

/**
 * Where steps are worked on: `task`, in the one work tree of their task; `agent`, in the one of their agent, which it keeps from task to task;
 * `none`, in the repository itself, or where the agent's registration says.
 */
export const workspaceModes = ["task", "agent", "none"] as const;
export const workspaceMode = z.enum(workspaceModes);
export type WorkspaceMode = z.infer<typeof workspaceMode>;

const workspaceCommand = z.strictObject({
  /** A name on the PATH, an absolute path, or one relative to the root of the work tree. Not read by a shell. */
  command: text(4000).min(1),
  args: z.array(text(8000)).max(200).default([]),
  environment: environmentVariables,
  timeoutMs: milliseconds.min(100).max(7_200_000).default(600_000),
});
/** What `baton.yaml`, as it is in the commit a workspace begins from, says of workspaces of its repository. */
export const workspaceNeeds = z.strictObject({
  /** Run in the work tree, one after another, before anybody works there; one that fails: nobody does. May be run again, in a fresh one. */
  setUp: z.array(workspaceCommand).max(20).default([]),
  /** Run before it is removed, after its last snapshot. One that fails keeps nothing from being removed. May be run twice. */
  tearDown: z.array(workspaceCommand).max(20).default([]),
  /** For these commands, and for whoever works there. */
  environment: environmentVariables,
  /** How many ports are its own, as `BATON_PORT_1` and so on; `PORT` is the first. */
  ports: z.number().int().min(0).max(20).default(0),
  /** Above which no more are made of this repository on one server, in megabytes. */
  maxDiskMb: z.number().int().min(1).optional(),
});
export type WorkspaceNeeds = z.output<typeof workspaceNeeds>;
export type WorkspaceCommand = z.output<typeof workspaceCommand>;

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
  /** Of its own while it is there. */
  ports: z.array(z.number().int()),
  /** What its files take on the disk, as it was measured last; null: there is no limit, or not yet. */
  bytes: z.number().int().nullable(),
  /** Since when it would have been removed, had its work landed; null: it is not that old, or is used again. */
  keptAt: instant.nullable(),
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

/** One run of a command that sets it up or tears it down. */
export const workspaceRun = z.object({
  phase: z.enum(["setUp", "tearDown"]),
  command: z.string(),
  ok: z.boolean(),
  /** How it ended, in words. */
  how: z.string(),
  /** The end of what it wrote. */
  said: z.string(),
  startedAt: instant,
  durationMs: z.number().int(),
});
export type WorkspaceRun = z.infer<typeof workspaceRun>;

/** Where a piece of work is to be done, as its agent is told. `environment`: agents that this server starts for each piece of work find it in theirs. */
export const workPlace = z.object({
  id: z.string(),
  path: z.string(),
  branch: z.string(),
  baseCommit: z.string(),
  environment: z.record(z.string(), z.string()).optional(),
});
export type WorkPlace = z.infer<typeof workPlace>;
