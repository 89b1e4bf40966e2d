// SQL of projects.
import { ALL_PROJECTS } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { type Scope, within } from "../store/scope.ts";
import { forUpdate, join, oneOf, sql, type Sql } from "../store/sql.ts";

export interface ProjectRow {
  name: string;
  description: string;
  /** A JSON list. */
  repositories: string;
  created_at: number;
}
const where = (scope: Scope): Sql => {
  const conditions = within(scope, sql`name`);
  return conditions.length === 0 ? sql`` : sql` where ${join(conditions, " and ")}`;
};
export const insertProject = async (tx: Tx, { name, description, repositories, created_at }: ProjectRow): Promise<boolean> =>
  (await tx.run(sql`insert into projects (name, description, repositories, created_at) values (${name}, ${description}, ${repositories}, ${created_at})
    on conflict (name) do nothing`)) === 1;
export const updateProject = (tx: Tx, { name, description, repositories }: ProjectRow): Promise<number> =>
  tx.run(sql`update projects set description = ${description}, repositories = ${repositories} where name = ${name}`);
export const selectProjects = (db: Reader, scope: Scope, { limit, offset }: { limit: number; offset: number }): Promise<ProjectRow[]> =>
  db.all(sql`select name, description, repositories, created_at from projects${where(scope)} order by seq limit ${limit} offset ${offset}`);
export const countProjects = async (db: Reader, scope: Scope): Promise<number> =>
  Number((await db.all<{ n: number }>(sql`select count(*) as n from projects${where(scope)}`))[0]?.n);
export const selectNamed = (db: Reader, names: readonly string[]): Promise<ProjectRow[]> =>
  db.all(sql`select name, description, repositories, created_at from projects where name ${oneOf(names)}`);
export const lockProject = async (tx: Tx, name: string): Promise<ProjectRow | undefined> =>
  (await tx.all<ProjectRow>(sql`select name, description, repositories, created_at from projects where name = ${name}${forUpdate}`))[0];
/** One that is none of these. */
export const selectOther = async (db: Reader, names: readonly string[]): Promise<string | undefined> =>
  (await db.all<{ name: string }>(sql`select name from projects where name <> ${ALL_PROJECTS} and not (name ${oneOf(names)}) limit 1`))[0]?.name;
