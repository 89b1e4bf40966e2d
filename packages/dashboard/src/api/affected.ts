// Which answers an event makes stale. Pure: the one place that knows what each page shows.
import type { Event } from "@baton/contract";
import type { QueryKey } from "@tanstack/react-query";

export function affectedBy(event: Event): QueryKey[] {
  const task: QueryKey[] =
    event.taskId === null
      ? []
      : [
          ["task", event.taskId],
          ["task-events", event.taskId],
        ];
  if (event.type === "attempt.progressed") return task;
  if (event.type === "attempt.updated") return [["updates", event.attemptId]];
  if (event.type === "approval.remembered" || event.type === "approval.forgotten") return [["approval-rules"], ...task];
  if (event.type.startsWith("approval.")) return [["approvals"], ...task];
  if (event.type.startsWith("budget.")) return [["budgets"], ...task, ...(event.type === "budget.stopped" ? [["tasks"]] : [])];
  if (event.type.startsWith("session.")) return [["sessions"], ...task];
  if (/^(message|message_rule|mailbox|subscription|signing|signing_key)\./.test(event.type)) return [["messages"]];
  if (event.type.startsWith("landing.")) return [["landings"]];
  if (event.type === "gates.changed") return [["gates"]];
  if (event.type.startsWith("schedule.")) return [["schedules"]];
  if (event.type.startsWith("template.")) return [["templates"]];
  if (event.type.startsWith("conflict.")) return [["conflicts"], ...task, ...(event.type === "conflict.passed" ? [["tasks"]] : [])];
  if (/^(workspace|checkpoint)\./.test(event.type)) return [["workspaces"]];
  const counts: QueryKey[] = [["system"]];
  const lists: QueryKey[] = event.taskId === null ? [] : [["tasks"]];
  // An agent may be shown by its name, which the event does not carry: every agent that is on the screen is asked again.
  const agents: QueryKey[] = event.agentId === null ? [] : [["agents"], ["agent"], ["agent-attempts"]];
  // What budgets count and what is in work trees changes as attempts begin and end.
  const worked: QueryKey[] = event.type.startsWith("attempt.") ? [["budgets"], ["workspaces"]] : [];
  return [...task, ...lists, ...agents, ...worked, ...counts];
}
