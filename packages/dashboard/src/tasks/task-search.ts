// What one wants to see of the tasks, as it stands in the address. Pure.
import { type Priority, priorities } from "@baton/contract";
import type { TaskFilter } from "../api/queries.ts";

export const taskShows = ["all", "active", "waiting", "completed", "failed", "cancelled"] as const;
export type TaskShow = (typeof taskShows)[number];
export interface TaskSearch {
  view?: "board";
  show?: TaskShow;
  q?: string;
  priority?: Priority;
  type?: string;
  project?: string;
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const oneOf = <T extends string>(allowed: readonly T[], value: unknown): T | undefined => allowed.find((one) => one === value);

/** What nobody knows is left out, so that an address that was typed by hand still leads somewhere. */
export function parseTaskSearch(search: Record<string, unknown>): TaskSearch {
  const show = oneOf(taskShows, search["show"]);
  const found: Record<string, string | undefined> = {
    view: oneOf(["board"], search["view"]),
    show: show === "all" ? undefined : show,
    q: text(search["q"]),
    priority: oneOf(priorities, search["priority"]),
    type: text(search["type"]),
    project: text(search["project"]),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** For the API; `show` only in the list, as the board shows every state. */
export function toTaskFilter({ show = "all", q, priority, type, project }: TaskSearch): TaskFilter {
  return {
    ...(show === "all" ? {} : { status: show }),
    ...(q === undefined ? {} : { q }),
    ...(priority === undefined ? {} : { priority }),
    ...(type === undefined ? {} : { type }),
    ...(project === undefined ? {} : { projectId: project }),
  };
}
