// A landing: a change on its way to a target branch. Landings of one repository stand in one queue; the branch moves only to a tree that the
// gates let through.
import { z } from "zod";
import { gateList, gateOrigins, landingMethods, landingMode, repositoryPath } from "./gate.ts";
import { id, instant, page, pageQuery, text } from "./json.ts";

/** What git takes for a name of a branch, and nothing it could take for an option or a range. */
const branchName = text(200)
  .min(1)
  .regex(/^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|\.lock\/|\/\.|\/$|\.$))[^\s\p{C}~^:?*[\\]+$/u, "must be a name of a branch");
export const landingInput = z.strictObject({
  /** Needed where `source` is given; else that of the workspace. */
  repository: repositoryPath.optional(),
  /** A branch, a tag or a commit. What it names when its turn comes is what lands. Default: what is in the work tree of `workspaceId`, or of the task. */
  source: branchName.optional(),
  /** Everything in it that is tracked or new lands, whether its agent has committed it or not. */
  workspaceId: id.optional(),
  /** A branch. Default: the one that the workspace began from, or that the repository has checked out. */
  target: branchName.optional(),
  /** Default: what the target's baton.yaml says, else merge. */
  method: z.enum(landingMethods).optional(),
  mode: landingMode.optional(),
  /** Of the commit, where one is made. */
  message: text(20_000).min(1).optional(),
  /** Besides those of the repository. */
  gates: gateList.default([]),
  /** The task whose work it is. */
  taskId: id.optional(),
  /** Of a workspace: how often what keeps it from landing goes back to the agent that did the work, each failure once; what it makes of it lands again. */
  maxFeedback: z.number().int().min(0).max(10).default(3),
});
export type LandingInput = z.input<typeof landingInput>;
export type ParsedLandingInput = z.output<typeof landingInput>;

/**
 * `queued`: it waits for its turn. `judging`: merged, its gates run. `asking`: an agent reviews it, or a person is to approve it (`asked`); others go on meanwhile. `moving`: judged, the branch is being moved. `landed`: it is on the target.
 * `proposed`: judged, and handed over as a pull request.
 * `returned`: it did not pass, and the agent that did the work mends it in the task of the last of `returns`; then it is queued again.
 * `refused`: it is not, and `failure` says why; it can be tried again.
 */
export const landingStates = ["queued", "judging", "asking", "moving", "returned", "landed", "proposed", "refused", "cancelled"] as const;
export type LandingState = (typeof landingStates)[number];
/** `conflict`: it does not merge. `gate`: a gate failed. `misconfigured`: a gate could not judge, or there is none. `source`: nothing to land. `target`: the branch cannot be moved now. */
export const landingFailures = ["conflict", "gate", "misconfigured", "source", "target"] as const;
export const conflictFile = z.object({ path: z.string(), detail: z.string() });
export type ConflictFile = z.infer<typeof conflictFile>;
export const landingFailure = z.object({
  kind: z.enum(landingFailures),
  detail: z.string(),
  /** Of a conflict: where, and of which kind. */
  files: z.array(conflictFile),
  /** Of a gate: which ones. */
  gates: z.array(z.string()),
  /** The same for failures that differ only in numbers, times and places. */
  signature: z.string().optional(),
});
export type LandingFailure = z.infer<typeof landingFailure>;
export const askedStates = ["waiting", "open", "pass", "fail", "misconfigured"] as const;
export const askedGate = z.object({
  name: z.string(),
  kind: z.enum(["review", "approval"]),
  origin: z.enum(gateOrigins),
  /** What it is about. */
  commit: z.string(),
  state: z.enum(askedStates),
  /** Of a review the task in which it is done, of an approval its own. */
  id: z.string(),
  reason: z.string(),
  detail: z.string(),
});
export type AskedGate = z.infer<typeof askedGate>;
export const landing = z.object({
  id: z.string(),
  seq: z.number().int(),
  repository: z.string(),
  source: z.string(),
  /** What `source` named when it was looked at last. */
  sourceCommit: z.string().nullable(),
  target: z.string(),
  method: z.enum(landingMethods).nullable(),
  mode: landingMode.nullable(),
  message: z.string().nullable(),
  gates: gateList,
  taskId: z.string().nullable(),
  workspaceId: z.string().nullable(),
  /** Tasks in which the agent was told what kept it from landing, oldest first. */
  returns: z.array(z.object({ taskId: z.string(), signature: z.string() })),
  /** What agents and people were asked about the commit that is to land, in the order in which they are. */
  asked: z.array(askedGate),
  state: z.enum(landingStates),
  reason: z.string(),
  failure: landingFailure.nullable(),
  /** How often it was merged and judged. */
  tries: z.number().int(),
  verdictId: z.string().nullable(),
  /** The commit that the target was moved to, and its tree; it may hold others that were judged together with it. */
  commit: z.string().nullable(),
  tree: z.string().nullable(),
  previous: z.string().nullable(),
  /** Of a pull request: what the command that proposed it said last. */
  link: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
  landedAt: instant.nullable(),
});
export type Landing = z.infer<typeof landing>;
export const landingPage = page(landing);
export const landingQuery = pageQuery.extend({
  repository: repositoryPath.optional(),
  /** A state, `open` for those that have not ended, or several by comma. */
  state: text(200).optional(),
  taskId: id.optional(),
});
