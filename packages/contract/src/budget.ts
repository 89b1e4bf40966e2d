// A budget: how much may be spent. On a task it is for that task alone; a standing one is for an agent, a project or everything, of a day
// (UTC) or in all. What an attempt is expected to spend is reserved before it begins, and what it spent is counted when it has ended.
import { z } from "zod";
import { id, instant, label, pageQuery, text } from "./json.ts";

const MAX_USD = 1_000_000;
const MAX_COUNT = 1_000_000_000_000;
const limitFields = {
  /** Money. What is told in another currency counts like what is not told at all: by the agent's run rate. */
  usd: z.number().positive().max(MAX_USD).optional(),
  /** In and out together. */
  tokens: z.number().int().min(1).max(MAX_COUNT).optional(),
  /** Of agents' time; what they wait for a person does not count. */
  seconds: z.number().positive().max(1_000_000_000).optional(),
  /** Attempts that were begun. */
  attempts: z.number().int().min(1).max(MAX_COUNT).optional(),
};
/** The share of a limit, 0..1, from which on one is warned, once. */
const warnAt = z.number().min(0.01).max(1);
export const budgetKinds = ["usd", "tokens", "seconds", "attempts"] as const;
export type BudgetKind = (typeof budgetKinds)[number];
type Limits = Partial<Record<BudgetKind, unknown>>;
const hasLimit = (given: Limits): boolean => budgetKinds.some((kind) => given[kind] !== undefined);
const NO_LIMIT = { path: ["usd"], message: "needs at least one limit: usd, tokens, seconds or attempts" };

/** What one task may spend; spent, it ends the task. */
export const taskBudget = z.strictObject({ ...limitFields, warnAt: warnAt.default(0.8) }).refine(hasLimit, NO_LIMIT);
export type TaskBudget = z.output<typeof taskBudget>;

export const budgetScopes = ["agent", "project", "everything"] as const;
export const budgetPeriods = ["day", "total"] as const;
export const budgetInput = z
  .strictObject({
    /** Not `task:…`: that is what the budgets of tasks are called. */
    name: id.refine((name) => !name.startsWith("task:"), "must not begin with task:"),
    scope: z.enum(budgetScopes),
    /** With scope agent, and only with it: its id or name. */
    agent: id.optional(),
    /** With scope project, and only with it. */
    projectId: label.optional(),
    /** `day`: begins anew at midnight UTC. */
    period: z.enum(budgetPeriods).default("day"),
    ...limitFields,
    warnAt: warnAt.default(0.8),
  })
  .refine(hasLimit, NO_LIMIT);
export type BudgetInput = z.input<typeof budgetInput>;
export type ParsedBudgetInput = z.output<typeof budgetInput>;
const nullable = {
  usd: limitFields.usd.nullable(),
  tokens: limitFields.tokens.nullable(),
  seconds: limitFields.seconds.nullable(),
  attempts: limitFields.attempts.nullable(),
};
/** null takes a limit away; one must stay. */
export const budgetPatch = z.strictObject({ ...nullable, warnAt: warnAt.optional() });
export type BudgetPatch = z.infer<typeof budgetPatch>;

const amounts = z.object({ usd: z.number(), tokens: z.number(), seconds: z.number(), attempts: z.number() });
const limits = z.object({ usd: z.number().nullable(), tokens: z.number().nullable(), seconds: z.number().nullable(), attempts: z.number().nullable() });
export type Amounts = z.infer<typeof amounts>;
export const budgetStates = ["open", "warned", "stopped"] as const;
export const budget = z.object({
  /** Of a task's own budget: `task:` and the task's id. */
  id: z.string(),
  seq: z.number().int(),
  name: z.string(),
  scope: z.enum(["task", ...budgetScopes]),
  /** The id of the agent, project or task; null for everything. */
  subject: z.string().nullable(),
  period: z.enum(budgetPeriods),
  /** null: not limited. */
  limits,
  warnAt: z.number(),
  used: amounts,
  /** For attempts under way. */
  reserved: amounts,
  /** What may still be reserved; null: not limited. Never below 0. */
  left: limits,
  /** How much of `used` nobody told: counted by run rate. */
  guessed: z.object({ usd: z.number(), tokens: z.number() }),
  state: z.enum(budgetStates),
  /** How it stands, in a sentence. */
  reason: z.string(),
  /** When it begins anew; null: never by itself. */
  renewsAt: instant.nullable(),
  createdAt: instant,
  updatedAt: instant,
});
export type Budget = z.infer<typeof budget>;
export const budgetQuery = pageQuery.extend({
  /** `task` for the budgets that tasks brought along; default: the standing ones. */
  scope: z.enum(["task", ...budgetScopes]).optional(),
  /** An agent's id or name, a project, or a task. */
  subject: text(200).optional(),
});

/** What an agent costs, where it does not tell what it spent. */
export const agentCosts = z.strictObject({
  usdPerAttempt: z.number().min(0).max(MAX_USD).optional(),
  usdPerHour: z.number().min(0).max(MAX_USD).optional(),
  tokensPerHour: z.number().int().min(0).max(MAX_COUNT).optional(),
});
export type AgentCosts = z.infer<typeof agentCosts>;
