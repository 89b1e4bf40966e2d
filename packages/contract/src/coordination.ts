// How several agents do one task: the patterns, what may be said of each, and what of it is shown while it goes on.
import { z } from "zod";
import { id, instant, jsonObject, label, milliseconds } from "./json.ts";

/** `auto`: chosen by what the task needs and who is there. Absent: `steps` with steps, else one agent after the other as few as can. */
export const patterns = ["auto", "single", "steps", "pipeline", "hierarchical", "collaborative", "swarm", "race", "escalation"] as const;
export type PatternName = (typeof patterns)[number];
/** Patterns whose plan grows while it runs. */
export const growingPatterns = ["hierarchical", "collaborative", "swarm", "race", "escalation", "planned"] as const;

export const roles = ["coordinator", "worker", "specialist", "monitor"] as const;
export type Role = (typeof roles)[number];

export const MAX_TEAM = 50;
/** Pieces a plan may grow by at once: subtasks, steps of a plan. */
export const MAX_PARTS = 50;
export const MAX_ITEMS = 800;

export const coordination = z.strictObject({
  /** How many take part: 5 in hierarchical, 3 in collaborative, race and escalation; never more than `constraints.maxAgents`. */
  agents: z.number().int().min(1).max(MAX_TEAM).optional(),
  /** Hierarchical: how often the coordinator may send work back (2). Collaborative: rounds of critique (3). */
  rounds: z.number().int().min(0).max(10).optional(),
  /** Collaborative: agreement from which they count as agreed, 0..1 (0.7). */
  agreement: z.number().min(0).max(1).optional(),
  /** Race, escalation: somebody else who checks what was produced before it counts. */
  verify: z.strictObject({ requirements: z.array(label).max(50).default([]), agent: id.optional() }).optional(),
  /** JSON Schema that what each of them produces must fit, or it is sent back once and then counts as failed. */
  outputSchema: jsonObject.optional(),
  /** Swarm: so many finished items are enough; default: all. */
  enough: z.number().int().min(1).max(MAX_ITEMS).optional(),
  /** Swarm: an item that takes this many times the median goes to a second agent as well (3). */
  stragglerFactor: z.number().min(1.5).max(100).optional(),
  /** For each piece of work. */
  timeoutMs: milliseconds
    .min(10)
    .max(7 * 86_400_000)
    .optional(),
  /** Of each piece of work, tries after the first, for time-outs and unavailability: 2; in a swarm 1, in a race and an escalation none, where others try. */
  retries: z.number().int().min(0).max(20).optional(),
});
export type Coordination = z.infer<typeof coordination>;

export const participant = z.object({
  stepId: z.string(),
  /** What it does in the pattern: split, work, review, combine, contribute, critique, synthesise, try, verify, item, discover, plan, stage. */
  part: z.string(),
  role: z.enum(roles).nullable(),
  round: z.number().int().nullable(),
  /** null while nobody has begun. */
  agentId: z.string().nullable(),
  agentName: z.string().nullable(),
  status: z.string(),
});
export const growth = z.object({ at: instant, added: z.array(z.string()), cancelled: z.array(z.string()), why: z.string() });
/** The live coordination of a task. */
export const coordinationView = z.object({
  pattern: z.string(),
  /** Why this pattern and these agents, in a sentence. */
  reason: z.string(),
  round: z.number().int(),
  participants: z.array(participant),
  /** What was added to and taken from the plan while it ran, and why; oldest first. */
  growth: z.array(growth),
});
export type CoordinationView = z.infer<typeof coordinationView>;
