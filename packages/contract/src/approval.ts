// An approval: a question that only a person may answer, and what became of it. It is open while what it blocks still waits for it.
import { z } from "zod";
import { id, instant, json, milliseconds, pageQuery, text } from "./json.ts";

/** `permission`: an agent wants to do something. `input`: an agent needs to be told something. */
export const approvalKinds = ["permission", "input"] as const;
/** `expired`: nobody answered in time, which is a no. `withdrawn`: what waited for it ended first. */
export const approvalStates = ["open", "approved", "rejected", "expired", "withdrawn"] as const;
export const approval = z.object({
  id: z.string(),
  seq: z.number().int(),
  kind: z.enum(approvalKinds),
  state: z.enum(approvalStates),
  /** What is asked, in a sentence. */
  title: z.string(),
  /** What it is about: the command, the paths, the diff, the agent's question. */
  detail: json,
  taskId: z.string().nullable(),
  stepId: z.string().nullable(),
  attemptId: z.string().nullable(),
  agentId: z.string().nullable(),
  comment: z.string().nullable(),
  /** Who decided; null while nobody has. */
  decidedBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  decidedAt: instant.nullable(),
});
export type Approval = z.infer<typeof approval>;
/** What an agent asks while it works. */
export const question = z.strictObject({
  kind: z.enum(approvalKinds),
  /** In a sentence, for somebody who sees nothing else. */
  title: text(1000).min(1),
  detail: json.default(null),
  /** Then the answer is no. */
  timeoutMs: milliseconds
    .min(10)
    .max(7 * 86_400_000)
    .default(600_000),
});
export type Question = z.input<typeof question>;
export type ParsedQuestion = z.output<typeof question>;
/** `ended`: the attempt was told to end while it waited. */
export const answer = z.object({ decision: z.enum(["approved", "rejected", "expired", "ended"]), comment: z.string().nullable() });
export type Answer = z.infer<typeof answer>;
export const approvalQuery = pageQuery.extend({ state: z.enum(approvalStates).optional(), taskId: id.optional(), agentId: id.optional() });
export const approvalDecision = z.strictObject({
  decision: z.enum(["approve", "reject"]),
  /** For an `input` question the answer itself. */
  comment: text(20_000).optional(),
});
export type ApprovalDecision = z.infer<typeof approvalDecision>;
