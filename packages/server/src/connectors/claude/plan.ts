// Claude Code's list of what it means to do, kept as its tools change it: whole with TodoWrite, piece by piece with TaskCreate and TaskUpdate.
import type { Json, Update } from "@baton/contract";
import { clip, fieldsOf } from "../claude-tools.ts";

type Plan = Extract<Update, { kind: "plan" }>;
type Status = Plan["entries"][number]["status"];
const STATUSES = new Map<Json | undefined, Status>([
  ["pending", "pending"],
  ["in_progress", "running"],
  ["completed", "completed"],
]);
const MAX_ENTRIES = 500;

export interface PlanKeeper {
  /** A tool has done what it was called for. The plan when that changed it. */
  done(tool: string, input: Json | undefined, result: Json | undefined): Plan | undefined;
}
export function openPlan(): PlanKeeper {
  const entries = new Map<string, { text: string; status: Status }>();
  const put = (id: string, text: Json | undefined, status: Json | undefined): void => {
    const before = entries.get(id);
    if (before === undefined && entries.size >= MAX_ENTRIES) return;
    entries.set(id, {
      text: typeof text === "string" ? clip(text, 4_000) : (before?.text ?? ""),
      status: STATUSES.get(status) ?? before?.status ?? "pending",
    });
  };
  const change = (tool: string, given: Json | undefined, result: Json | undefined): boolean => {
    const input = fieldsOf(given);
    if (tool === "TodoWrite" && Array.isArray(input["todos"])) {
      entries.clear();
      for (const [at, todo] of input["todos"].map(fieldsOf).entries()) put(String(at), todo["content"], todo["status"]);
      return true;
    }
    const task = fieldsOf(fieldsOf(result)["task"]);
    if (tool === "TaskCreate" && typeof task["id"] === "string") put(task["id"], task["subject"] ?? input["subject"], "pending");
    else if (tool === "TaskUpdate" && typeof input["taskId"] === "string") {
      if (input["status"] === "deleted") entries.delete(input["taskId"]);
      else put(input["taskId"], input["subject"], input["status"]);
    } else return false;
    return true;
  };
  return { done: (tool, input, result) => (change(tool, input, result) ? { kind: "plan", entries: [...entries.values()] } : undefined) };
}
