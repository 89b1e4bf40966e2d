// One colour per kind of state, the same for tasks, steps, attempts, agents and checks.
import type { Paint } from "../terminal.ts";

const GOOD = new Set(["completed", "healthy", "idle", "ok", "ready"]);
const BAD = new Set(["failed", "error", "critical", "lost", "refused"]);
const BUSY = new Set(["executing", "running", "busy", "planning", "delayed"]);
const HELD = new Set(["waiting", "paused", "held", "degraded", "warning", "warn", "draining", "offline", "unknown"]);

export function stateColour(paint: Paint, state: string): (text: string) => string {
  if (GOOD.has(state)) return paint.green;
  if (BAD.has(state)) return paint.red;
  if (BUSY.has(state)) return paint.cyan;
  return HELD.has(state) ? paint.yellow : paint.dim;
}
