// A checkpoint: a named state of an agent and of the work tree it works in, to which both can be set back together.
import { z } from "zod";
import { id, instant, text } from "./json.ts";
import { workspace } from "./workspace.ts";

export const checkpointKinds = ["attempt", "hand", "rollback", "landing"] as const;
/** What is kept beside the files. Of the agent's environment only the names are told; its values are sealed. */
export const checkpointState = z.object({
  workingDirectory: z.string().nullable(),
  environment: z.array(z.string()),
  currentTask: z
    .object({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      stepId: z.string(),
      attemptId: z.string(),
      startedAt: instant,
      progress: z.string().nullable(),
    })
    .nullable(),
  /** Steps of that task that were still to come. */
  queue: z.array(z.object({ stepId: z.string(), title: z.string() })),
  context: z.object({
    /** That differed from what the work began from. */
    projectFiles: z.array(z.string()),
    recentCommands: z.array(z.string()),
    conversationHistory: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.string(), timestamp: instant })),
  }),
  /** Whether its agent kept a conversation that could be gone on with. */
  hasConversation: z.boolean(),
  /** null: unknown. */
  metrics: z.object({
    commandsExecuted: z.number().int(),
    filesModified: z.number().int(),
    tokensUsed: z.number().int().nullable(),
    apiCalls: z.number().int().nullable(),
  }),
});
export type CheckpointState = z.infer<typeof checkpointState>;
const fields = {
  id: z.string(),
  agentId: z.string().nullable(),
  workspaceId: z.string(),
  /** `attempt`: by itself, before one; `hand`: somebody asked for it; `rollback`, `landing`: by itself, of what these replaced. */
  kind: z.enum(checkpointKinds),
  description: z.string(),
  taskId: z.string().nullable(),
  stepId: z.string().nullable(),
  attemptId: z.string().nullable(),
  /** Of its files, in the repository. */
  commit: z.string(),
  createdAt: instant,
};
export const checkpoint = z.object(fields);
export type Checkpoint = z.infer<typeof checkpoint>;
export const wholeCheckpoint = checkpoint.extend({ state: checkpointState });
export type WholeCheckpoint = z.infer<typeof wholeCheckpoint>;

export const checkpointInput = z.strictObject({
  description: text(4000).default(""),
  /** Default: where the agent works, or worked last. */
  workspaceId: id.optional(),
});
export type CheckpointInput = z.output<typeof checkpointInput>;
export const checkpointQuery = z.strictObject({ workspaceId: id.optional() });
export const rolledBack = z.object({
  checkpoint,
  /** Of what was replaced. */
  before: checkpoint,
  workspace,
});
export type RolledBack = z.infer<typeof rolledBack>;

export const fileDiff = z.object({
  path: z.string(),
  /** Where it was before it was renamed. */
  oldPath: z.string().nullable(),
  status: z.enum(["added", "deleted", "modified", "renamed", "type changed"]),
  /** null: it is binary. */
  additions: z.number().int().nullable(),
  deletions: z.number().int().nullable(),
});
export const workspaceDiff = z.object({
  workspaceId: z.string(),
  from: z.string(),
  to: z.string(),
  files: z.array(fileDiff),
  /** Of all of it, or of the file that was asked for. */
  patch: z.string(),
  /** There is more of the patch, or there are more files, than is told. */
  truncated: z.boolean(),
});
export type WorkspaceDiff = z.infer<typeof workspaceDiff>;
export const diffQuery = z.strictObject({
  /** `base`, `now`, or a checkpoint's id. */
  from: id.default("base"),
  to: id.default("now"),
  /** What this attempt changed, in place of `from` and `to`. */
  attempt: id.optional(),
  /** Of one file alone. */
  path: text(4000).optional(),
});
export type DiffQuery = z.output<typeof diffQuery>;
export const visit = z.object({
  attemptId: z.string(),
  taskId: z.string(),
  stepId: z.string(),
  agentId: z.string(),
  enteredAt: instant,
  leftAt: instant.nullable(),
});
export type WorkspaceVisit = z.infer<typeof visit>;

export const lineComment = z.strictObject({
  path: text(4000).min(1),
  /** Of the file as it is in the workspace; absent: the file as a whole. */
  line: z.number().int().min(1).optional(),
  text: text(10_000).min(1),
});
export const reviewInput = z.strictObject({
  comments: z.array(lineComment).min(1).max(200),
  /** What holds for all of it. */
  summary: text(20_000).optional(),
  /** An agent's id or name. Default: who worked in it last. */
  agent: id.optional(),
});
export type ReviewInput = z.output<typeof reviewInput>;
