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
/** A condition on the column that says whose a row is; null there: the default project's. Nothing, when all are seen. */
export function within({ projects }: Scope, column: Sql): Sql[] {
  if (projects === "all") return [];
  return [projects.includes(DEFAULT_PROJECT) ? sql`(${column} is null or ${column} ${oneOf(projects)})` : sql`${column} ${oneOf(projects)}`];
}
