// What somebody should look at, from what is known of budgets, agents, changes, messages and tasks: worst first. Pure; questions have their own place.
import type { Agent, Budget, Conflict, Landing, Page, RouteAnswer, TaskSummary } from "@baton/contract";
import type { LinkProps } from "@tanstack/react-router";

type MessageStats = RouteAnswer<"getMessageStats">;

export interface Alert {
  tone: "bad" | "wait";
  /** What it is, in a few words. */
  title: string;
  /** The newest of them, and why. */
  detail: string;
  to: Pick<LinkProps, "to" | "search" | "params">;
}
export interface Known {
  budgets: Page<Budget> | undefined;
  parked: Page<Agent> | undefined;
  unhealthy: Page<Agent> | undefined;
  refused: Page<Landing> | undefined;
  conflicts: Page<Conflict> | undefined;
  messages: MessageStats | undefined;
  failed: Page<TaskSummary> | undefined;
  waiting: Page<TaskSummary> | undefined;
}
const DAY_MS = 86_400_000;

/** @param now epoch milliseconds: what failed more than a day ago is history, not an alert. */
export function toAlerts(known: Known, now: number): Alert[] {
  const isFresh = (at: string | null): boolean => at !== null && now - Date.parse(at) < DAY_MS;
  const failed = known.failed?.items.filter(({ completedAt }) => isFresh(completedAt)) ?? [];
  const refused = known.refused?.items.filter(({ updatedAt }) => isFresh(updatedAt)) ?? [];
  const held = known.waiting?.items.filter(({ waitingFor }) => waitingFor?.kind === "conflict") ?? [];
  const alerts: (Alert | undefined)[] = [
    about(failed, "bad", (n, atLeast) => (n === 1 ? "A task failed" : `${atLeast} tasks failed since yesterday`), {
      total: known.failed?.total,
      tell: ({ title, failure }) => `${title}: ${failure?.detail ?? "no reason was told"}`,
      to: ({ id }) => (failed.length === 1 ? { to: "/tasks/$taskId", params: { taskId: id } } : { to: "/tasks", search: { show: "failed" } }),
    }),
    about(refused, "bad", (n, atLeast) => (n === 1 ? "A change did not land" : `${atLeast} changes did not land since yesterday`), {
      total: known.refused?.total,
      tell: ({ source, target, reason }) => `${source} onto ${target}: ${reason}`,
      to: () => ({ to: "/landings", search: { show: "refused" } }),
    }),
    about(known.conflicts?.items ?? [], "wait", (n, atLeast) => (n === 1 ? "Two work trees overlap" : `${atLeast} pairs of work trees overlap`), {
      total: known.conflicts?.total,
      tell: ({ owners, reason }) => `${owners.map(({ branch }) => branch).join(" and ")}: ${reason}`,
      to: () => ({ to: "/workspaces" }),
    }),
    ...(known.budgets?.items.filter(({ state }) => state !== "open").map(toBudgetAlert) ?? []),
    toAgentAlert(known.unhealthy, "bad", "is unhealthy", "are unhealthy"),
    toAgentAlert(known.parked, "wait", "is parked", "are parked"),
    about(held, "wait", (n) => (n === 1 ? "A task waits for other work" : `${n} tasks wait for other work`), {
      tell: ({ title, waitingFor }) => `${title}: ${waitingFor?.detail ?? ""}`,
      to: ({ id }) => ({ to: "/tasks/$taskId", params: { taskId: id } }),
    }),
    toLetterAlert(known.messages),
  ];
  return alerts.filter((one) => one !== undefined).toSorted((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

/** `total`: what is listed may be less than there is. */
function about<T>(
  items: T[],
  tone: Alert["tone"],
  title: (count: number, atLeast: string) => string,
  { tell, to, total = items.length }: { tell: (first: T) => string; to: (first: T) => Alert["to"]; total?: number | undefined },
): Alert | undefined {
  const [first] = items;
  return (
    first && {
      tone,
      title: title(items.length, items.length === MOST_LISTED && total > MOST_LISTED ? `${MOST_LISTED}+` : String(items.length)),
      detail: tell(first),
      to: to(first),
    }
  );
}
/** How many failed tasks, refused changes and conflicts are asked for. */
export const MOST_LISTED = 20;

const toBudgetAlert = ({ name, state, reason }: Budget): Alert => ({
  tone: state === "stopped" ? "bad" : "wait",
  title: state === "stopped" ? `The budget ${name} is used up` : `The budget ${name} is near its end`,
  detail: reason,
  to: { to: "/settings", search: { show: "budgets" } },
});

function toAgentAlert(agents: Page<Agent> | undefined, tone: Alert["tone"], one: string, many: string): Alert | undefined {
  const [first] = agents?.items ?? [];
  if (agents === undefined || first === undefined) return undefined;
  if (agents.total === 1)
    return { tone, title: `${first.name} ${one}`, detail: first.status.reason, to: { to: "/agents/$agentId", params: { agentId: first.id } } };
  const search = first.status.state === "parked" ? { status: first.status.state } : {};
  return { tone, title: `${agents.total.toLocaleString()} agents ${many}`, detail: `${first.name}: ${first.status.reason}`, to: { to: "/agents", search } };
}

function toLetterAlert(stats: MessageStats | undefined): Alert | undefined {
  if (stats === undefined || stats.deadLetters === 0) return undefined;
  const title = stats.deadLetters === 1 ? "A message reached nobody" : `${stats.deadLetters.toLocaleString()} messages reached nobody`;
  return { tone: "wait", title, detail: "They are kept as dead letters and can be delivered again.", to: { to: "/messages", search: { show: "dead" } } };
}
