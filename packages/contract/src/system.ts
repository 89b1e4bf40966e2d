// The server about itself: whether it lives, whether it is ready, what it counts.
import { z } from "zod";
import { instant } from "./json.ts";

export const liveness = z.object({ status: z.literal("ok"), version: z.string(), uptimeMs: z.number() });
export const readiness = z.object({
  status: z.enum(["ready", "starting", "stopping"]),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
});
export const systemStatus = z.object({
  version: z.string(),
  startedAt: instant,
  server: z.string(),
  store: z.enum(["sqlite", "postgres"]),
  servers: z.number().int(),
  tasks: z.record(z.string(), z.number().int()),
  agents: z.record(z.string(), z.number().int()),
  attemptsRunning: z.number().int(),
  lastEvent: z.number().int(),
});
export type SystemStatus = z.infer<typeof systemStatus>;
