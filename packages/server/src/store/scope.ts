// The projects whose rows a caller may see. Every query that lists rows of projects takes one; whatever asks by id is judged at the door.
import { ALL_PROJECTS, DEFAULT_PROJECT } from "@baton/contract";
import { oneOf, sql, type Sql } from "./sql.ts";

export interface Scope {
  readonly projects: readonly string[] | "all";
}
export const EVERYWHERE: Scope = { projects: "all" };
export const toScope = (names: readonly string[]): Scope => (names.includes(ALL_PROJECTS) ? EVERYWHERE : { projects: names });
/** @param project null: the default one. */
export const covers = ({ projects }: Scope, project: string | null): boolean => projects === "all" || projects.includes(project ?? DEFAULT_PROJECT);
/** Whose rows are that hang on a task, or an agent, by its id: `*`, for who is in all projects, when all share the agent or there is no such row. */
export const projectOfTask = (taskId: Sql): Sql =>
  sql`coalesce((select coalesce(whose.project_id, ${DEFAULT_PROJECT}) from tasks whose where whose.id = ${taskId}), ${ALL_PROJECTS})`;
export const projectOfAgent = (agentId: Sql): Sql => sql`coalesce((select whose.project_id from agents whose where whose.id = ${agentId}), ${ALL_PROJECTS})`;
/** The same condition on a column that always names a project, or `*`. One project is compared, so that an index gives its rows in order. */
export function withinNamed({ projects }: Scope, column: Sql): Sql[] {
  if (projects === "all") return [];
  return [projects.length === 1 ? sql`${column} = ${projects[0] as string}` : sql`${column} ${oneOf(projects)}`];
}
/** A condition on the column that says whose a row is; null there: the default project's. Nothing, when all are seen. */
export function within({ projects }: Scope, column: Sql): Sql[] {
  if (projects === "all") return [];
  return [projects.includes(DEFAULT_PROJECT) ? sql`(${column} is null or ${column} ${oneOf(projects)})` : sql`${column} ${oneOf(projects)}`];
}
