// An approval: a question that only a person may answer, and what became of it. It is open while what it blocks still waits for it.
import { z } from "zod";
import { offeredRule, remember } from "./approval-rule.ts";
import { id, instant, json, label, milliseconds, pageQuery, text } from "./json.ts";

/** What an agent asks. `permission`: it wants to do something. `input`: it needs to be told something. */
const questionKinds = ["permission", "input"] as const;
/** `named`: one of those its task requires. `plan`: a plan that a person is to see first. */
export const approvalKinds = [...questionKinds, "named", "plan"] as const;
/** `expired`: nobody answered in time, and that is a no here. `withdrawn`: what waited for it ended first. */
export const approvalStates = ["open", "approved", "rejected", "expired", "withdrawn"] as const;
export const timeoutDecisions = ["approve", "reject"] as const;
export const approval = z.object({
  id: z.string(),
  seq: z.number().int(),
  kind: z.enum(approvalKinds),
  /** Of a `named` one, as its task requires it. */
  name: z.string().nullable(),
  state: z.enum(approvalStates),
  /** What is asked, in a sentence. */
  title: z.string(),
  /** What it is about: the command, the paths, the diff, the agent's question. */
  detail: json,
  /** Of a permission: a rule that would cover it, to be sent back as `remember` with the decision, so that it is not asked again. */
  offer: offeredRule.nullable(),
  taskId: z.string().nullable(),
  stepId: z.string().nullable(),
  attemptId: z.string().nullable(),
  agentId: z.string().nullable(),
  comment: z.string().nullable(),
  /** Who decided, as far as the door knows who asked: a key's name, an address; `timeout` when nobody did in time. Null while it is open. */
  decidedBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  /** What it counts as when nobody decides until `expiresAt`. */
  onTimeout: z.enum(timeoutDecisions),
  decidedAt: instant.nullable(),
});
export type Approval = z.infer<typeof approval>;
/** What an agent asks while it works. */
export const question = z.strictObject({
  kind: z.enum(questionKinds),
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
export const answer = z.object({
  decision: z.enum(["approved", "rejected", "expired", "ended"]),
  comment: z.string().nullable(),
  /** It was approved by nobody answering in time. */
  byTimeout: z.literal(true).optional(),
});
export type Answer = z.infer<typeof answer>;
export const approvalQuery = pageQuery.extend({ state: z.enum(approvalStates).optional(), taskId: id.optional(), agentId: id.optional() });
export const approvalDecision = z.strictObject({
  decision: z.enum(["approve", "reject"]),
  /** For an `input` question the answer itself. */
  comment: text(20_000).optional(),
  /** For permissions that have an offer: what need not be asked again. */
  remember: remember.optional(),
});
export type ApprovalDecision = z.infer<typeof approvalDecision>;
/** A decision on one of the approvals that a task requires, by its name. */
export const namedDecision = approvalDecision.omit({ remember: true }).extend({ name: label });
export type NamedDecision = z.infer<typeof namedDecision>;
/** What of a task's constraints is about people. */
export const approvalConstraints = {
  /** Nothing of it begins until a person has approved each of these; one no ends it. */
  requiredApprovals: z
    .array(label)
    .max(20)
    .refine((names) => new Set(names).size === names.length, "must not name an approval twice")
    .optional(),
  /** How long people have for these and for its plan: a week, unless it says otherwise. */
  approvalTimeoutMs: milliseconds
    .min(1000)
    .max(366 * 86_400_000)
    .optional(),
  /** What it counts as when nobody decides in time: `reject`, unless it says otherwise. */
  onApprovalTimeout: z.enum(timeoutDecisions).optional(),
};
