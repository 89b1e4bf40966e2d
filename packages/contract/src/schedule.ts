// A schedule: a task that is handed in by itself, again and again by a cron expression or once at a time.
import { z } from "zod";
import { id, instant, instantIn, label, pageQuery, text } from "./json.ts";
import { taskInput } from "./task.ts";

export const catchUps = ["skip", "once", "all"] as const;
export const overlaps = ["allow", "skip"] as const;
const fields = {
  name: id,
  /** Whose it is, and every task of it; its task need not say so again. Default: the first of the caller's. */
  projectId: text(200).optional(),
  /** Five fields (minute hour day month weekday), six with seconds first, or `@daily` and the like. */
  cron: text(200).min(1).optional(),
  /** Once, at this time. Either this or `cron`. */
  at: instantIn.optional(),
  /** In which `cron` is read, such as Europe/Berlin. */
  timezone: label.default("UTC"),
  task: taskInput.omit({ id: true }),
  /** For times that passed while no server ran: nothing, one task for all of them, or one for each (at most 100). */
  catchUp: z.enum(catchUps).default("once"),
  /** Whether a task is handed in although the one before has not ended. */
  overlap: z.enum(overlaps).default("skip"),
  enabled: z.boolean().default(true),
};
export const scheduleInput = z.strictObject(fields);
export type ParsedScheduleInput = z.output<typeof scheduleInput>;
export const schedulePatch = z.strictObject({
  cron: fields.cron,
  at: fields.at,
  timezone: label.optional(),
  task: fields.task.optional(),
  catchUp: z.enum(catchUps).optional(),
  overlap: z.enum(overlaps).optional(),
  enabled: z.boolean().optional(),
});
export type SchedulePatch = z.infer<typeof schedulePatch>;
export const schedule = z.object({
  id: z.string(),
  seq: z.number().int(),
  name: z.string(),
  projectId: z.string().nullable(),
  cron: z.string().nullable(),
  at: instant.nullable(),
  timezone: z.string(),
  task: taskInput.omit({ id: true }),
  catchUp: z.enum(catchUps),
  overlap: z.enum(overlaps),
  enabled: z.boolean(),
  /** When it hands in a task next, and why it does not when it does not. */
  nextAt: instant.nullable(),
  reason: z.string(),
  lastAt: instant.nullable(),
  lastTaskId: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
});
export type Schedule = z.infer<typeof schedule>;
export const scheduleQuery = pageQuery;
