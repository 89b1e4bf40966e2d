// SQL of users and API keys.
import type { AccessRole } from "@baton/contract";
import type { Reader, Tx } from "../store/db.ts";
import { forUpdate, sql } from "../store/sql.ts";

export interface UserRow {
  id: string;
  name: string;
  role: AccessRole;
  enabled: number;
  password: string;
  /** A JSON list. */
  projects: string;
  created_at: number;
  updated_at: number;
  last_login_at: number | null;
  /** By which they are known where they log in, if that is elsewhere. */
  issuer: string | null;
  subject: string | null;
  email: string | null;
}
export interface KeyRow {
  id: string;
  name: string;
  prefix: string;
  hash: string;
  role: AccessRole;
  agent: string | null;
  /** A JSON list. */
  projects: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}
interface Window {
  limit: number;
  offset: number;
}
type Count = { n: number };
const one = <Row>(found: readonly Row[]): Row | undefined => found[0];

export const insertUser = async (tx: Tx, user: Omit<UserRow, "last_login_at">): Promise<boolean> =>
  (await tx.run(sql`insert into users (id, name, role, enabled, password, projects, created_at, updated_at, issuer, subject, email)
    values (${user.id}, ${user.name}, ${user.role}, ${user.enabled}, ${user.password}, ${user.projects}, ${user.created_at}, ${user.updated_at}, ${user.issuer}, ${user.subject},
      ${user.email}) on conflict do nothing`)) === 1;
export const selectUserOf = async (db: Reader, issuer: string, subject: string): Promise<UserRow | undefined> =>
  one(await db.all<UserRow>(sql`select * from users where issuer = ${issuer} and subject = ${subject}`));
export const setEmail = (tx: Tx, id: string, email: string | null): Promise<number> => tx.run(sql`update users set email = ${email} where id = ${id}`);
export const selectUser = async (db: Reader, idOrName: string): Promise<UserRow | undefined> =>
  one(await db.all<UserRow>(sql`select * from users where id = ${idOrName} or name = ${idOrName} limit 1`));
export const lockUser = async (tx: Tx, idOrName: string): Promise<UserRow | undefined> =>
  one(await tx.all<UserRow>(sql`select * from users where id = ${idOrName} or name = ${idOrName} limit 1${forUpdate}`));
export const selectUsers = (db: Reader, { limit, offset }: Window): Promise<UserRow[]> =>
  db.all<UserRow>(sql`select * from users order by seq limit ${limit} offset ${offset}`);
export const countUsers = async (db: Reader): Promise<number> => Number(one(await db.all<Count>(sql`select count(*) as n from users`))?.n);
/** Those who may log in, locked: of two who are removed at once, the second is judged after the first. */
export const lockAdmins = async (tx: Tx): Promise<string[]> =>
  (await tx.all<{ id: string }>(sql`select id from users where role = 'admin' and enabled = 1 order by id${forUpdate}`)).map(({ id }) => id);
export const updateUser = (tx: Tx, { id, role, enabled, password, projects, updated_at }: UserRow): Promise<number> =>
  tx.run(
    sql`update users set role = ${role}, enabled = ${enabled}, password = ${password}, projects = ${projects}, updated_at = ${updated_at} where id = ${id}`,
  );
export const setLastLogin = (tx: Tx, id: string, at: number): Promise<number> => tx.run(sql`update users set last_login_at = ${at} where id = ${id}`);
export const deleteUser = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from users where id = ${id}`);

export const insertKey = (tx: Tx, key: Omit<KeyRow, "last_used_at">): Promise<number> =>
  tx.run(sql`insert into api_keys (id, name, prefix, hash, role, agent, projects, created_by, created_at, expires_at)
    values (${key.id}, ${key.name}, ${key.prefix}, ${key.hash}, ${key.role}, ${key.agent}, ${key.projects}, ${key.created_by}, ${key.created_at}, ${key.expires_at})`);
export const selectKeyByHash = async (db: Reader, hash: string): Promise<KeyRow | undefined> =>
  one(await db.all<KeyRow>(sql`select * from api_keys where hash = ${hash}`));
export const selectKeys = (db: Reader, { limit, offset }: Window): Promise<KeyRow[]> =>
  db.all<KeyRow>(sql`select * from api_keys order by seq limit ${limit} offset ${offset}`);
export const countKeys = async (db: Reader): Promise<number> => Number(one(await db.all<Count>(sql`select count(*) as n from api_keys`))?.n);
export const setLastUsed = (tx: Tx, id: string, at: number): Promise<number> => tx.run(sql`update api_keys set last_used_at = ${at} where id = ${id}`);
export const deleteKey = async (tx: Tx, id: string): Promise<KeyRow | undefined> =>
  one(await tx.all<KeyRow>(sql`delete from api_keys where id = ${id} returning *`));
