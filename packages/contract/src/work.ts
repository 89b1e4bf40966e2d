// What an agent is handed: one step, its resolved input, and what it may need to know of the task.
import { z } from "zod";
import { instant, json } from "./json.ts";
import { sessionContext } from "./session.ts";
import { workPlace } from "./workspace.ts";

export const work = z.object({
  attemptId: z.string(),
  fence: z.number().int(),
  taskId: z.string(),
  stepId: z.string(),
  title: z.string(),
  description: z.string(),
  requirements: z.array(z.string()),
  input: json,
  /** `task`: what was submitted. `steps`: outputs of the steps this one needs, by id. */
  context: z.object({
    task: z.object({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      type: z.string(),
      payload: json.nullable(),
      files: z.array(z.string()),
      language: z.string().nullable(),
      repository: z.string().nullable(),
    }),
    steps: z.record(z.string(), json),
    /** Of a task in a session, for steps that begin it. */
    session: sessionContext.optional(),
  }),
  /** The work tree it is to be done in, for a task or step that asks for one. Agents that this server runs are in it already. */
  workspace: workPlace.optional(),
  /** Where an earlier step of this agent, or this session with it, left off, for agents that keep conversations. */
  conversation: z.string().optional(),
  /** What was wrong with its answer before, for a step that was sent back; it stands at the end of the description, too. */
  feedback: z.string().optional(),
  timeoutMs: z.number().int(),
  deadlineAt: instant,
});
export type Work = z.infer<typeof work>;
