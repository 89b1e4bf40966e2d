// Why an agent was chosen for a step, and what is expected of it.
import { z } from "zod";
import { instant } from "./json.ts";

export const risk = z.object({ kind: z.string(), detail: z.string(), severity: z.enum(["low", "medium", "high"]) });
export const assignment = z.object({
  agentId: z.string(),
  agentName: z.string(),
  score: z.number(),
  confidence: z.number().min(0).max(1),
  /** Why this agent, one sentence each. */
  reasons: z.array(z.string()),
  estimatedDurationMs: z.number().nullable(),
  risks: z.array(risk),
  alternatives: z.array(z.object({ agentId: z.string(), agentName: z.string(), score: z.number() })),
  assignedAt: instant,
  expectedCompletionAt: instant.nullable(),
});
export type Assignment = z.infer<typeof assignment>;
