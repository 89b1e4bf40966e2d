// SQL of logins, and of the refresh tokens by which programs go on with theirs.
import type { Reader, Tx } from "../store/db.ts";
import { oneOf, sql } from "../store/sql.ts";
import type { UserRow } from "./account-rows.ts";

export interface LoginRow {
  id: string;
  user_id: string;
  cookie: string | null;
  used_at: number;
  expires_at: number;
}
export interface RefreshRow {
  hash: string;
  /** Of which login it is. */
  family: string;
  user_id: string;
  expires_at: number;
  used_at: number | null;
}
/** A user who may come in, by a login of theirs. */
export type LoggedInRow = UserRow & { login_id: string; login_used_at: number };
const one = <Row>(found: readonly Row[]): Row | undefined => found[0];

export const insertLogin = (tx: Tx, { id, user_id, cookie, used_at, expires_at }: LoginRow): Promise<number> =>
  tx.run(sql`insert into logins (id, user_id, cookie, used_at, expires_at) values (${id}, ${user_id}, ${cookie}, ${used_at}, ${expires_at})`);
export const selectLoggedIn = async (db: Reader, by: { login: string } | { cookie: string }, now: number): Promise<LoggedInRow | undefined> =>
  one(
    await db.all<LoggedInRow>(sql`select u.*, l.id as login_id, l.used_at as login_used_at from logins l join users u on u.id = l.user_id
      where ${"login" in by ? sql`l.id = ${by.login}` : sql`l.cookie = ${by.cookie}`} and l.expires_at > ${now} and u.enabled = 1`),
  );
/** Those of the logins that last. */
export const selectLasting = async (db: Reader, ids: readonly string[], now: number): Promise<string[]> =>
  (
    await db.all<{ id: string }>(
      sql`select l.id from logins l join users u on u.id = l.user_id where l.id ${oneOf(ids)} and l.expires_at > ${now} and u.enabled = 1`,
    )
  ).map(({ id }) => id);
/** Those of the API keys that last. */
export const selectLastingKeys = async (db: Reader, ids: readonly string[], now: number): Promise<string[]> =>
  (await db.all<{ id: string }>(sql`select id from api_keys where id ${oneOf(ids)} and (expires_at is null or expires_at > ${now})`)).map(({ id }) => id);
export const extendLogin = (tx: Tx, { id, used_at, expires_at }: Pick<LoginRow, "id" | "used_at" | "expires_at">): Promise<number> =>
  tx.run(sql`update logins set used_at = ${used_at}, expires_at = ${expires_at} where id = ${id}`);
/** Of browsers: programs show that they are still there by their next refresh token. */
export const extendBrowserLogins = (tx: Tx, ids: readonly string[], usedAt: number, expiresAt: number): Promise<number> =>
  tx.run(sql`update logins set used_at = ${usedAt}, expires_at = ${expiresAt} where id ${oneOf(ids)} and cookie is not null`);

export const insertRefresh = (tx: Tx, { hash, family, user_id, expires_at }: Omit<RefreshRow, "used_at">): Promise<number> =>
  tx.run(sql`insert into refresh_tokens (hash, family, user_id, expires_at) values (${hash}, ${family}, ${user_id}, ${expires_at})`);
/** Once: whoever comes second gets nothing. */
export const useRefresh = async (tx: Tx, hash: string, now: number): Promise<RefreshRow | undefined> =>
  one(await tx.all<RefreshRow>(sql`update refresh_tokens set used_at = ${now} where hash = ${hash} and used_at is null returning *`));
export const selectRefresh = async (db: Reader, hash: string): Promise<RefreshRow | undefined> =>
  one(await db.all<RefreshRow>(sql`select * from refresh_tokens where hash = ${hash}`));

/** Somebody's word: what its browser asked to be told of ends with it. What merely runs out lets notices go on, which are for who is away. */
export async function deleteLogin(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`delete from push_subscriptions where login_id = ${id}`);
  await tx.run(sql`delete from refresh_tokens where family = ${id}`);
  await tx.run(sql`delete from logins where id = ${id}`);
}
export async function deleteLogins(tx: Tx, userId: string): Promise<void> {
  await tx.run(sql`delete from push_subscriptions where user_id = ${userId}`);
  await tx.run(sql`delete from refresh_tokens where user_id = ${userId}`);
  await tx.run(sql`delete from logins where user_id = ${userId}`);
}
export async function deleteExpired(tx: Tx, now: number): Promise<void> {
  await tx.run(sql`delete from refresh_tokens where expires_at < ${now}`);
  await tx.run(sql`delete from logins where expires_at < ${now}`);
}

export interface OidcAttemptRow {
  /** The hash of what the browser's cookie says. */
  cookie: string;
  return_to: string;
  expires_at: number;
}
export const insertOidcAttempt = (tx: Tx, { cookie, return_to, expires_at }: OidcAttemptRow): Promise<number> =>
  tx.run(sql`insert into oidc_attempts (cookie, return_to, expires_at) values (${cookie}, ${return_to}, ${expires_at})`);
export const countOidcAttempts = async (db: Reader): Promise<number> =>
  Number(one(await db.all<{ n: number }>(sql`select count(*) as n from oidc_attempts`))?.n);
/** Once: whoever comes second gets nothing. */
export const takeOidcAttempt = async (tx: Tx, cookie: string): Promise<OidcAttemptRow | undefined> =>
  one(await tx.all<OidcAttemptRow>(sql`delete from oidc_attempts where cookie = ${cookie} returning *`));
export const deleteExpiredOidcAttempts = (tx: Tx, now: number): Promise<number> => tx.run(sql`delete from oidc_attempts where expires_at < ${now}`);
