// SQL of what open tasks say they are about. Of each path there is one row for itself and one for each directory above it, under a word for repository and
// path: whether two tasks are about the same is looked up by equality alone, at a cost that does not grow with how many tasks there are.
import { createHash } from "node:crypto";
import type { Reader, Tx } from "../store/db.ts";
import { eachOf, oneOf, skipLocked, sql } from "../store/sql.ts";

export interface DeclaredPath {
  word: string;
  /** 1: the path itself. 0: a directory above it. */
  own: number;
}
const PATH = { word: "text", own: "int" } as const;

/** Above a path, the nearest first. */
export function directoriesOf(path: string): string[] {
  const found: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) found.push(path.slice(0, at));
  return found;
}
/** @param paths as git names them. */
export function toDeclaredPaths(repository: string, paths: readonly string[]): DeclaredPath[] {
  const own = new Set(paths);
  const above = new Set<string>();
  for (const path of own) for (const directory of directoriesOf(path)) above.add(directory);
  return [...[...own].map((path) => ({ word: toWord(repository, path), own: 1 })), ...[...above].map((path) => ({ word: toWord(repository, path), own: 0 }))];
}
const toWord = (repository: string, path: string): string => createHash("sha256").update(`${repository}\0${path}`).digest("base64url").slice(0, 22);
export const insertDeclared = (tx: Tx, declared: readonly (DeclaredPath & { seq: number })[]): Promise<number> =>
  tx.run(
    sql`insert into task_files (word, own, seq) select word, own, seq from ${eachOf("x", { ...PATH, seq: "int" }, declared)} where true on conflict do nothing`,
  );
/** One at a time per repository until the transaction ends, so that of two that are handed in at once one sees the other. */
export async function lockRepositories(tx: Tx, repositories: readonly string[]): Promise<void> {
  const words = [...new Set(repositories.map((repository) => toWord(repository, "")))].sort((one, other) => (one < other ? -1 : 1)).map((word) => ({ word }));
  await tx.run(sql`insert into task_repositories (word, taken) select word, 1 from ${eachOf("x", { word: "text" }, words)} where true
    on conflict (word) do update set taken = 1`);
}
/** Of tasks that were handed in before `seq`: for each of these paths the latest that is about it, about something in it, or about a directory it is in. */
export async function selectLatest(db: Reader, paths: readonly DeclaredPath[], seq: number): Promise<number[]> {
  const found = await db.all<{ same: number | null; below: number | null }>(sql`select
      (select max(f.seq) from task_files f where f.word = x.word and f.own = 1 and f.seq < ${seq}) as same,
      case when x.own = 1 then (select max(f.seq) from task_files f where f.word = x.word and f.own = 0 and f.seq < ${seq}) end as below
    from ${eachOf("x", PATH, paths)}`);
  const seqs = new Set(found.flatMap(({ same, below }) => [same, below]).filter((one) => one !== null));
  return [...seqs].sort((one, other) => other - one);
}
export interface DeclaringTask {
  seq: number;
  id: string;
  title: string;
  project_id: string | null;
  spec: string;
}
export const selectDeclaring = (db: Reader, seqs: readonly number[]): Promise<DeclaringTask[]> =>
  seqs.length === 0
    ? Promise.resolve([])
    : db.all(sql`select seq, id, title, project_id, spec from tasks where seq ${oneOf(seqs)} and completed_at is null order by seq desc`);
/** What tasks that have ended said is in nobody's way any more. */
export async function forgetEnded(tx: Tx): Promise<void> {
  const ended = await tx.all<{ seq: number }>(
    sql`select seq from tasks where declares = 1 and completed_at is not null order by seq limit 500${skipLocked("tasks")}`,
  );
  if (ended.length === 0) return;
  const seqs = ended.map(({ seq }) => seq);
  await tx.run(sql`delete from task_files where seq ${oneOf(seqs)}`);
  await tx.run(sql`update tasks set declares = null where seq ${oneOf(seqs)}`);
}
