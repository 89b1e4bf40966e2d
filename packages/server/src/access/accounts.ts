// Users and API keys: who may come in, as rows.
import { createHash, randomBytes } from "node:crypto";
import {
  ALL_PROJECTS,
  type AccessRole,
  type ApiKey,
  type ApiKeyInput,
  type NewApiKey,
  type Page,
  Refusal,
  type UserAccount,
  type UserPatch,
} from "@baton/contract";
import { type Clock, iso, isoOrNull } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import type { Db, Tx } from "../store/db.ts";
import * as rows from "./account-rows.ts";
import { deleteLogins } from "./login-rows.ts";
import type { Passwords } from "./passwords.ts";
import type { Projects } from "./projects.ts";
import type { TokenKeys } from "./token-keys.ts";

export interface AccountsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  passwords: Passwords;
  tokenKeys: TokenKeys;
  projects: Projects;
  tokenSeconds: number;
  /** How long a login lives without being used. */
  sessionSeconds: number;
}
type Window = { limit: number; offset: number };
export const hashOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
export const secretText = (): string => randomBytes(32).toString("base64url");
export const KEY_MARK = "baton_";
/** Where servers hint at each other that logins or keys have ended. */
export const ENDED = "access-ended";

const NOT_ELSEWHERE = { issuer: null, subject: null, email: null };

export async function createUser(world: AccountsWorld, input: { name: string; password: string; role: AccessRole; projects: string[] }): Promise<UserAccount> {
  await world.projects.assertThere(input.projects);
  const now = world.clock.now();
  const password = await world.passwords.hash(input.password);
  const user = {
    id: world.newId(),
    name: input.name,
    role: input.role,
    enabled: 1,
    password,
    projects: JSON.stringify(input.projects),
    created_at: now,
    updated_at: now,
    ...NOT_ELSEWHERE,
  };
  if (!(await world.db.transaction((tx) => rows.insertUser(tx, user)))) {
    throw new Refusal("name_taken", `There is a user called ${input.name}.`, { issues: [{ path: "body.name", message: "is taken" }] });
  }
  return toUser({ ...user, last_login_at: null });
}
/** The first user of a new store, if the operator gave a password for one; of several servers that start at once, one makes it. */
export async function createFirstAdmin(world: AccountsWorld, password: string): Promise<boolean> {
  if ((await rows.countUsers(world.db)) > 0) return false;
  return createUser(world, { name: "admin", password, role: "admin", projects: [ALL_PROJECTS] }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refusal && error.code === "name_taken") return false;
      throw error;
    },
  );
}
export async function listUsers(world: AccountsWorld, window: Window): Promise<Page<UserAccount>> {
  const [items, total] = await Promise.all([rows.selectUsers(world.db, window), rows.countUsers(world.db)]);
  return { items: items.map(toUser), total, ...window };
}
export async function updateUser(world: AccountsWorld, idOrName: string, patch: UserPatch, saw?: Saw<UserAccount>): Promise<UserAccount> {
  if (patch.projects) await world.projects.assertThere(patch.projects);
  const password = patch.password === undefined ? undefined : await world.passwords.hash(patch.password);
  return changeUser(world, idOrName, async (tx, user) => {
    const changed = {
      ...user,
      role: patch.role ?? user.role,
      enabled: patch.enabled === undefined ? user.enabled : Number(patch.enabled),
      password: password ?? user.password,
      projects: patch.projects === undefined ? user.projects : JSON.stringify(patch.projects),
      updated_at: world.clock.now(),
    };
    if (changed.role !== "admin" || changed.enabled === 0) await refuseLastAdmin(tx, user);
    await rows.updateUser(tx, changed);
    saw?.(toUser(user), toUser(changed));
    return toUser(changed);
  });
}
export const removeUser = (world: AccountsWorld, idOrName: string, saw?: Saw<UserAccount>): Promise<void> =>
  changeUser(world, idOrName, async (tx, user) => {
    await refuseLastAdmin(tx, user);
    await rows.deleteUser(tx, user.id);
    saw?.(toUser(user), undefined);
  });
/** All that they are logged in by, on every server, with what is connected by it. @throws Refusal `not_found` */
export const endLogins = (world: AccountsWorld, idOrName: string): Promise<void> => changeUser(world, idOrName, async () => undefined);
/** Under a lock, so that of two who change one user at once none undoes what the other did. Whatever is changed, who they were logged in as is no longer so. */
async function changeUser<T>(world: AccountsWorld, idOrName: string, change: (tx: Tx, user: rows.UserRow) => Promise<T>): Promise<T> {
  const done = await world.db.transaction(async (tx) => {
    // Admins first: two who are removed at once would wait for each other.
    await rows.lockAdmins(tx);
    const user = await rows.lockUser(tx, idOrName);
    if (user === undefined) throw new Refusal("not_found", `There is no user ${idOrName}.`);
    const done = await change(tx, user);
    await deleteLogins(tx, user.id);
    return done;
  });
  world.db.notify(ENDED);
  return done;
}
async function refuseLastAdmin(tx: Tx, user: rows.UserRow): Promise<void> {
  if (user.role !== "admin" || user.enabled === 0 || (await rows.lockAdmins(tx)).some((id) => id !== user.id)) return;
  throw new Refusal("conflict", `${user.name} is the last admin who may log in. Make another one first.`);
}

export async function createApiKey(world: AccountsWorld, input: ApiKeyInput, by: string): Promise<NewApiKey> {
  if (input.agent !== undefined && input.role !== "agent") {
    const issue = { path: "body.agent", message: "goes with the role agent only" };
    throw new Refusal("bad_input", `body.agent ${issue.message}.`, { issues: [issue] });
  }
  await world.projects.assertThere(input.projects);
  const key = KEY_MARK + secretText();
  const row = {
    id: world.newId(),
    name: input.name,
    prefix: key.slice(0, KEY_MARK.length + 6),
    hash: hashOf(key),
    role: input.role,
    agent: input.agent ?? null,
    projects: JSON.stringify(input.projects),
    created_by: by,
    created_at: world.clock.now(),
    expires_at: input.expiresAt === undefined ? null : Date.parse(input.expiresAt),
  };
  await world.db.transaction((tx) => rows.insertKey(tx, row));
  return { ...toKey({ ...row, last_used_at: null }), key };
}
export async function listApiKeys(world: AccountsWorld, window: Window): Promise<Page<ApiKey>> {
  const [items, total] = await Promise.all([rows.selectKeys(world.db, window), rows.countKeys(world.db)]);
  return { items: items.map(toKey), total, ...window };
}
export async function removeApiKey(world: AccountsWorld, id: string, saw?: Saw<ApiKey>): Promise<void> {
  const removed = await world.db.transaction((tx) => rows.deleteKey(tx, id));
  if (removed === undefined) throw new Refusal("not_found", `There is no API key ${id}.`);
  saw?.(toKey(removed), undefined);
  world.db.notify(ENDED);
}
export const findKey = (world: AccountsWorld, key: string): Promise<rows.KeyRow | undefined> => rows.selectKeyByHash(world.db, hashOf(key));

const toUser = (row: rows.UserRow): UserAccount => ({
  id: row.id,
  name: row.name,
  role: row.role,
  enabled: row.enabled === 1,
  projects: JSON.parse(row.projects) as string[],
  issuer: row.issuer,
  email: row.email,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  lastLoginAt: isoOrNull(row.last_login_at),
});
const toKey = (row: rows.KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  role: row.role,
  agent: row.agent,
  projects: JSON.parse(row.projects) as string[],
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
  expiresAt: isoOrNull(row.expires_at),
  lastUsedAt: isoOrNull(row.last_used_at),
});
