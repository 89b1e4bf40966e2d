// What would become of a task: its plan, who would do each step, with which tools, and why. Nothing of it is stored.
import { z } from "zod";
import { assignment } from "./assignment.ts";
import { foreseenConflict } from "./conflict.ts";
import { waitingFor } from "./task.ts";
import { foundTool } from "./tool.ts";

/** A requirement and what meets it: the agent itself, or tool servers it is handed (none: nobody gives it). */
export const enhancedRequirement = z.object({ name: z.string(), by: z.enum(["agent", "tools"]), servers: z.array(z.string()) });
export const previewStep = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  requirements: z.array(z.string()),
  tools: z.array(z.string()),
  needs: z.array(z.string()),
  /** Found by the step's tools, which whoever takes it is handed, and by its requirements, which it could ask for. */
  availableTools: z.array(foundTool),
  availableResources: z.array(foundTool),
  enhancedRequirements: z.array(enhancedRequirement),
  /** Who would get it, and the tools asked for with it. */
  assignment: assignment.nullable(),
  /** Why nobody would take it now; null when somebody would. */
  waitingFor: waitingFor.nullable(),
});
export const preview = z.object({
  pattern: z.string(),
  reason: z.string(),
  steps: z.array(previewStep),
  /** Of the `files` of its `repository`: whose work they are already. */
  conflicts: z.array(foreseenConflict),
});
export type Preview = z.infer<typeof preview>;
