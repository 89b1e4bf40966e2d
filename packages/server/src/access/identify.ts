// Who shows these credentials: an access token of a user or of whoever else holds the signing secret, or an API key.
import { rightsOf, type AccessRole, type Right } from "@baton/contract";
import type { Log } from "../std/log.ts";
import { type AccountsWorld, findKey, KEY_MARK } from "./accounts.ts";
import { EVERYWHERE, type Scope, toScope } from "../store/scope.ts";
import { selectUser, setLastUsed } from "./account-rows.ts";

export interface Identity {
  name: string;
  kind: "local" | "user" | "key" | "token";
  role: AccessRole;
  rights: readonly Right[];
  /** The projects they act in. */
  scope: Scope;
  /** The one agent it may be. */
  agent?: string | undefined;
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
  return { ...identityOf("key", `key:${key.name}`, key.role, JSON.parse(key.projects) as string[]), agent: key.agent ?? undefined };
}
async function bearerOf(world: IdentifyWorld, token: string): Promise<Identity | undefined> {
  const claims = await world.tokenKeys.verify(world.clock, token);
  if (claims?.userId === undefined) return claims && identityOf("token", claims.name, claims.role, claims.projects);
  const user = await selectUser(world.db, claims.userId);
  // Whatever was changed of the user since, the login it belongs to has ended.
  if (user === undefined || user.enabled === 0 || claims.issuedAt + 1000 <= user.updated_at) return undefined;
  return identityOf("user", user.name, user.role, JSON.parse(user.projects) as string[]);
}
