// SQL of gates that were defined by API, and of verdicts.
import { ALL_PROJECTS, type Page } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { forUpdate, join, oneOf, type Sql, sql } from "../store/sql.ts";

export interface GateSetRow {
  seq: number;
  id: string;
  repository: string;
  /** JSON. */
  gates: string;
  updated_by: string;
  updated_at: number;
}
export interface VerdictRow {
  seq: number;
  id: string;
  /** That of all it is about; `*`: they are of several, or of none. */
  project: string;
  repository: string;
  tree: string;
  base: string;
  gates_hash: string;
  state: string;
  passes: number;
  reason: string;
  /** JSON. */
  results: string;
  /** JSON: a list. */
  landing_ids: string;
  created_at: number;
}
/** Of a repository that has none, it is made, empty, and undefined is answered. */
export async function lockGateSet(tx: Tx, row: Omit<GateSetRow, "seq">): Promise<GateSetRow | undefined> {
  const isNew =
    await tx.run(sql`insert into gate_sets (id, repository, gates, updated_by, updated_at) values (${row.id}, ${row.repository}, '[]', ${row.updated_by}, ${row.updated_at})
    on conflict (repository) do nothing`);
  return isNew === 1 ? undefined : (await tx.all<GateSetRow>(sql`select * from gate_sets where repository = ${row.repository}${forUpdate}`))[0];
}
export const updateGateSet = (tx: Tx, { repository, gates, updated_by, updated_at }: Omit<GateSetRow, "seq">): Promise<number> =>
  tx.run(sql`update gate_sets set gates = ${gates}, updated_by = ${updated_by}, updated_at = ${updated_at} where repository = ${repository}`);
export const deleteGateSet = async (tx: Tx, id: string): Promise<GateSetRow | undefined> =>
  (await tx.all<GateSetRow>(sql`delete from gate_sets where id = ${id} returning *`))[0];
export const selectGateSet = async (db: Reader, where: { id: string } | { repository: string }): Promise<GateSetRow | undefined> =>
  (
    await db.all<GateSetRow>(
      "id" in where ? sql`select * from gate_sets where id = ${where.id}` : sql`select * from gate_sets where repository = ${where.repository}`,
    )
  )[0];
export async function selectGateSets(db: Reader, filter: { repository?: string | undefined; limit: number; offset: number }): Promise<Page<GateSetRow>> {
  const { repository, limit, offset } = filter;
  return page(db, sql`gate_sets`, repository === undefined ? [] : [sql`repository = ${repository}`], { order: sql`seq`, limit, offset });
}

/** @returns whose it is. */
export async function insertVerdict(tx: Tx, row: Omit<VerdictRow, "seq" | "project">): Promise<string> {
  const landingIds = JSON.parse(row.landing_ids) as string[];
  const project = sql`coalesce((select case when min(l.project) = max(l.project) then min(l.project) end from landings l where l.id ${oneOf(landingIds)}), ${ALL_PROJECTS})`;
  const [inserted] = await tx.all<{
    project: string;
  }>(sql`insert into gate_verdicts (id, project, repository, tree, base, gates_hash, state, passes, reason, results, landing_ids, created_at)
    values (${row.id}, ${project}, ${row.repository}, ${row.tree}, ${row.base}, ${row.gates_hash}, ${row.state}, ${row.passes}, ${row.reason}, ${row.results}, ${row.landing_ids}, ${row.created_at})
    returning project`);
  for (const landingId of landingIds) await tx.run(sql`insert into gate_verdict_landings (landing_id, verdict_id) values (${landingId}, ${row.id})`);
  return inserted?.project ?? ALL_PROJECTS;
}
export const selectVerdict = async (db: Reader, id: string): Promise<VerdictRow | undefined> =>
  (await db.all<VerdictRow>(sql`select * from gate_verdicts where id = ${id}`))[0];
/** The newest that lets this very tree through, judged by the same gates against the same base. */
export const selectPassing = async (db: Reader, of: Pick<VerdictRow, "repository" | "tree" | "base" | "gates_hash">): Promise<VerdictRow | undefined> =>
  (
    await db.all<VerdictRow>(sql`select * from gate_verdicts where repository = ${of.repository} and tree = ${of.tree} and base = ${of.base} and gates_hash = ${of.gates_hash}
      and passes = 1 order by seq desc limit 1`)
  )[0];
export interface VerdictFilter {
  scope: Scope;
  repository?: string | undefined;
  tree?: string | undefined;
  landingId?: string | undefined;
  limit: number;
  offset: number;
}
export async function selectVerdicts(db: Reader, { scope, repository, tree, landingId, limit, offset }: VerdictFilter): Promise<Page<VerdictRow>> {
  const conditions = [
    ...withinNamed(scope, sql`project`),
    ...(repository === undefined ? [] : [sql`repository = ${repository}`]),
    ...(tree === undefined ? [] : [sql`tree = ${tree}`]),
    ...(landingId === undefined ? [] : [sql`id in (select verdict_id from gate_verdict_landings where landing_id = ${landingId})`]),
  ];
  return page(db, sql`gate_verdicts`, conditions, { order: sql`seq desc`, limit, offset });
}
async function page<Row>(
  db: Reader,
  table: Sql,
  conditions: readonly Sql[],
  { order, limit, offset }: { order: Sql; limit: number; offset: number },
): Promise<Page<Row>> {
  const where = conditions.length === 0 ? sql`` : sql` where ${join(conditions, " and ")}`;
  const [items, total] = await Promise.all([
    db.all<Row>(sql`select * from ${table}${where} order by ${order} limit ${limit} offset ${offset}`),
    countUpTo(db, sql`${table}${where}`),
  ]);
  return { items, total, limit, offset };
}
