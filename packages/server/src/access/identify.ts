// Who shows these credentials: an access token of a user or of whoever else holds the signing secret, an API key, or the cookie of a browser.
import { rightsOf, type AccessRole, type Right } from "@baton/contract";
import type { Log } from "../std/log.ts";
import { type AccountsWorld, findKey, hashOf, KEY_MARK } from "./accounts.ts";
import { EVERYWHERE, type Scope, toScope } from "../store/scope.ts";
import { selectUser, setLastUsed } from "./account-rows.ts";
import { extendLogin, type LoggedInRow, selectLoggedIn } from "./login-rows.ts";

export interface Identity {
  name: string;
  kind: "local" | "user" | "key" | "token";
  role: AccessRole;
  rights: readonly Right[];
  /** The projects they act in. */
  scope: Scope;
  /** The one agent it may be. */
  agent?: string | undefined;
  /** What they came in by, where that can be ended while they are here. */
  by?: { login: string } | { key: string } | { until: number } | undefined;
}
export type IdentifyWorld = AccountsWorld & { log: Log };
/** Admins are in all projects. */
export const identityOf = (kind: Identity["kind"], name: string, role: AccessRole, projects: readonly string[] = []): Identity => ({
  kind,
  name,
  role,
  rights: rightsOf[role],
  scope: role === "admin" ? EVERYWHERE : toScope(projects),
});
const USED_EVERY_MS = 60_000;

/** @returns undefined when nobody is known by it. */
export async function identify(world: IdentifyWorld, credential: string): Promise<Identity | undefined> {
  if (credential.startsWith(KEY_MARK)) return holderOf(world, credential);
  return credential.split(".").length === 3 ? bearerOf(world, credential) : undefined;
}
async function holderOf(world: IdentifyWorld, shown: string): Promise<Identity | undefined> {
  const key = await findKey(world, shown);
  const now = world.clock.now();
  if (key === undefined || (key.expires_at !== null && key.expires_at <= now)) return undefined;
  if (now - (key.last_used_at ?? 0) > USED_EVERY_MS) {
    await world.db
      .transaction((tx) => setLastUsed(tx, key.id, now))
      .catch((error: unknown) => world.log.warn({ err: error }, "the use of a key was not noted"));
  }
  return { ...identityOf("key", `key:${key.name}`, key.role, JSON.parse(key.projects) as string[]), agent: key.agent ?? undefined, by: { key: key.id } };
}
async function bearerOf(world: IdentifyWorld, token: string): Promise<Identity | undefined> {
  const claims = await world.tokenKeys.verify(world.clock, token);
  if (claims?.userId === undefined) return claims && { ...identityOf("token", claims.name, claims.role, claims.projects), by: { until: claims.expiresAt } };
  if (claims.login === undefined) return undefined;
  const user = await selectLoggedIn(world.db, { login: claims.login }, world.clock.now());
  return user?.id === claims.userId ? toIdentity(user) : undefined;
}
/** Who is logged in by the cookie a browser shows. To be asked is to be used: the login lasts longer by it. */
export async function identifyBrowser(world: IdentifyWorld, cookie: string): Promise<Identity | undefined> {
  const now = world.clock.now();
  const user = await selectLoggedIn(world.db, { cookie: hashOf(cookie) }, now);
  if (user !== undefined && now - user.login_used_at > USED_EVERY_MS) {
    await world.db
      .transaction((tx) => extendLogin(tx, { id: user.login_id, used_at: now, expires_at: now + world.sessionSeconds * 1000 }))
      .catch((error: unknown) => world.log.warn({ err: error }, "the use of a login was not noted"));
  }
  return user && toIdentity(user);
}
/** A user who may come in, as they stand now, whether or not they are logged in. */
export async function findPerson(world: Pick<AccountsWorld, "db">, idOrName: string): Promise<(Identity & { id: string }) | undefined> {
  const user = await selectUser(world.db, idOrName);
  return user?.enabled === 1 ? { id: user.id, ...identityOf("user", user.name, user.role, JSON.parse(user.projects) as string[]) } : undefined;
}
const toIdentity = (user: LoggedInRow): Identity => ({
  ...identityOf("user", user.name, user.role, JSON.parse(user.projects) as string[]),
  by: { login: user.login_id },
});
