// A conflict: two work trees of one repository hold changes that overlap, and neither has landed. It is seen while both are worked on, before one of them
// meets the other at the target. There is one of each two workspaces, which opens, eases and opens again.
import { z } from "zod";
import { id, instant, page, pageQuery, text } from "./json.ts";

/**
 * The mildest first. `file`: both changed the file, in places apart. `lines`: both changed lines that are the same or next to each other, and it merges all the same.
 * `merge`: merging the two fails in it.
 */
export const conflictSeverities = ["file", "lines", "merge"] as const;
export type ConflictSeverity = (typeof conflictSeverities)[number];
/**
 * `open`: it is there. `eased`: their changes overlap no longer. `resolved`: somebody said that it is taken care of; it opens again only when it gets worse than
 * it was then. `gone`: one of the two has landed, or its work tree is not there any more.
 */
export const conflictStates = ["open", "eased", "resolved", "gone"] as const;
export type ConflictState = (typeof conflictStates)[number];

export const conflictOwner = z.object({
  workspaceId: z.string(),
  /** Whose the workspace is: a task's or an agent's. */
  kind: z.enum(["task", "agent"]),
  /** The task it belongs to; of an agent's, the one it was worked in for last. Null: none yet. */
  taskId: z.string().nullable(),
  /** Who works in it, or did so last. */
  agentId: z.string().nullable(),
  path: z.string(),
  branch: z.string(),
});
export type ConflictOwner = z.infer<typeof conflictOwner>;
export const overlappingFile = z.object({
  path: z.string(),
  severity: z.enum(conflictSeverities),
  /** Where both changed it, in lines of the version they both began from. Empty: in none of its lines, or there is no telling. */
  lines: z.array(z.object({ from: z.number().int(), to: z.number().int() })),
  /** What git says of it, where they do not merge. */
  detail: z.string().nullable(),
});
export type OverlappingFile = z.infer<typeof overlappingFile>;
export const conflict = z.object({
  id: z.string(),
  seq: z.number().int(),
  repository: z.object({ id: z.string(), path: z.string() }),
  state: z.enum(conflictStates),
  /** Why it is so, in a sentence. */
  reason: z.string(),
  /** The worst of its files; null: nothing overlaps now. */
  severity: z.enum(conflictSeverities).nullable(),
  /** The worst first, at most 200. */
  files: z.array(overlappingFile),
  /** How many there are. */
  fileCount: z.number().int(),
  /** Two. The edit of the second made it what it is. */
  owners: z.array(conflictOwner),
  /** While it is resolved. */
  resolution: z.object({ by: z.string(), note: z.string(), at: instant }).nullable(),
  createdAt: instant,
  updatedAt: instant,
});
export type Conflict = z.infer<typeof conflict>;
/** What a task would get in the way of, by the files it says it is about. */
export const foreseenConflict = z.object({
  /** `declared`: another open task says so of the same files. `observed`: they are changed in a work tree, and have not landed. */
  how: z.enum(["declared", "observed"]),
  taskId: z.string().nullable(),
  agentId: z.string().nullable(),
  workspaceId: z.string().nullable(),
  /** At most 50. */
  files: z.array(z.string()),
});
export type ForeseenConflict = z.infer<typeof foreseenConflict>;
export const conflictPage = page(conflict);
export const conflictQuery = pageQuery.extend({
  state: z.enum(conflictStates).optional(),
  workspaceId: id.optional(),
  taskId: id.optional(),
  /** A repository's id or path. */
  repository: text(4000).optional(),
});
export type ConflictQuery = z.output<typeof conflictQuery>;
export const conflictResolution = z.strictObject({
  /** How, for whoever looks at it later. */
  note: text(2000).default(""),
});
export type ConflictResolution = z.output<typeof conflictResolution>;
