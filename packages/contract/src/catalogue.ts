// The catalogue: descriptions of agents that can be put on any backing, such as a model or a coding agent. An entry is no agent until it is registered on one.
import { z } from "zod";
import { agentInput, capability, connector } from "./agent.ts";
import { roles } from "./coordination.ts";
import { id, label, text } from "./json.ts";
import { priorities } from "./task.ts";

const persona = text(20_000).min(1);
export const catalogueFile = z.strictObject({
  category: label,
  role: z.enum(roles).default("worker"),
  agents: z
    .array(
      z.strictObject({
        name: id,
        description: text(1000).min(1),
        /** Other names it is asked for by, such as those of a pipeline's roles. */
        aliases: z.array(id).max(20).default([]),
        /** How much it matters, for those who decide which agents to keep when room is short. */
        priority: z.enum(priorities).default("normal"),
        capabilities: agentInput.shape.capabilities.unwrap().min(1),
        /** Who it is, in words for a model. */
        persona,
        maxConcurrentTasks: z.number().int().min(1).max(100_000).default(5),
      }),
    )
    .min(1)
    .max(1000),
});
export const catalogueEntry = z.object({
  name: z.string(),
  /** `agent`: can be registered. `service`: a part of Baton itself that documents call by an agent's name. */
  kind: z.enum(["agent", "service"]),
  category: z.string(),
  role: z.enum(roles),
  description: z.string(),
  aliases: z.array(z.string()),
  priority: z.enum(priorities),
  capabilities: z.array(capability),
  persona: z.string(),
  maxConcurrentTasks: z.number().int(),
  isBuiltin: z.boolean(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntry>;
export const catalogueQuery = z.strictObject({ category: label.optional(), capability: label.optional() });

/** Everything but what the entry and the backing say; what is given wins over the entry. */
export const agentFromCatalogue = agentInput
  .pick({ projectId: true, resourceLimits: true, brakes: true, enabled: true, metadata: true })
  .partial()
  .extend({
    /** An entry's name or alias. */
    entry: id,
    name: id.optional(),
    description: text(4000).optional(),
    capabilities: agentInput.shape.capabilities.unwrap().optional(),
    maxConcurrentTasks: z.number().int().min(1).max(100_000).optional(),
    environment: agentInput.shape.environment.unwrap().optional(),
    persona: persona.optional(),
    /** How it is reached. */
    backing: connector.optional(),
    /** Instead: the id or name of an agent whose connector, environment and number of places it takes. */
    backingAgent: id.optional(),
  });
export type AgentFromCatalogue = z.infer<typeof agentFromCatalogue>;
