// Logins: of programs by tokens, of browsers by a cookie. Each is a row, and whoever shows something of it is known as long as that is there.
import { Refusal, type Tokens } from "@baton/contract";
import type { Tx } from "../store/db.ts";
import { setLastLogin, selectUser, type UserRow } from "./account-rows.ts";
import { type AccountsWorld, ENDED, hashOf, secretText } from "./accounts.ts";
import * as rows from "./login-rows.ts";

/** @throws Refusal `unauthorized`, `too_many_requests` */
export async function logIn(world: AccountsWorld, name: string, password: string): Promise<Tokens> {
  const user = await userWith(world, name, password);
  const login = world.newId();
  const refreshToken = await addLogin(world, user, { login, cookie: null }, (tx) => addRefresh(world, tx, login, user.id));
  return toTokens(world, user, login, refreshToken);
}
/** @returns what the browser's cookie says. @throws as `logIn` */
export async function logInBrowser(world: AccountsWorld, name: string, password: string): Promise<string> {
  return openBrowserLogin(world, await userWith(world, name, password));
}
export async function openBrowserLogin(world: AccountsWorld, user: UserRow): Promise<string> {
  const cookie = secretText();
  await addLogin(world, user, { login: world.newId(), cookie: hashOf(cookie) }, async () => undefined);
  return cookie;
}
async function userWith(world: AccountsWorld, name: string, password: string): Promise<UserRow> {
  if (world.passwords.isBusy) throw new Refusal("too_many_requests", "Too many people log in right now. Try again.", { retryAfterSeconds: 5 });
  const user = await selectUser(world.db, name);
  const isRight = await world.passwords.matches(password, user?.password);
  if (user === undefined || !isRight || user.enabled === 0) throw new Refusal("unauthorized", "Name or password is wrong, or the user is locked out.");
  return user;
}
const addLogin = <T>(
  world: AccountsWorld,
  user: UserRow,
  { login, cookie }: { login: string; cookie: string | null },
  more: (tx: Tx) => Promise<T>,
): Promise<T> =>
  world.db.transaction(async (tx) => {
    const now = world.clock.now();
    await setLastLogin(tx, user.id, now);
    await rows.deleteExpired(tx, now);
    await rows.insertLogin(tx, { id: login, user_id: user.id, cookie, used_at: now, expires_at: endOf(world) });
    return more(tx);
  });
const endOf = (world: AccountsWorld): number => world.clock.now() + world.sessionSeconds * 1000;

/** @throws Refusal `unauthorized`, after which nothing of that login is accepted any more when the token had been used before. */
export async function refresh(world: AccountsWorld, token: string): Promise<Tokens> {
  const hash = hashOf(token);
  const now = world.clock.now();
  const renewed = await world.db.transaction(async (tx) => {
    const used = await rows.useRefresh(tx, hash, now);
    const user = used && used.expires_at > now ? await rows.selectLoggedIn(tx, { login: used.family }, now) : undefined;
    if (used && user) {
      await rows.extendLogin(tx, { id: used.family, used_at: now, expires_at: endOf(world) });
      return { user, login: used.family, refreshToken: await addRefresh(world, tx, used.family, user.id) };
    }
    // Used twice: one of both had it stolen, and nobody knows which.
    const known = used ?? (await rows.selectRefresh(tx, hash));
    if (known) await rows.deleteLogin(tx, known.family);
    return undefined;
  });
  if (renewed === undefined) {
    world.db.notify(ENDED);
    throw new Refusal("unauthorized", "This login has ended. Log in again.");
  }
  return toTokens(world, renewed.user, renewed.login, renewed.refreshToken);
}
async function addRefresh(world: AccountsWorld, tx: Tx, family: string, userId: string): Promise<string> {
  const token = secretText();
  await rows.insertRefresh(tx, { hash: hashOf(token), family, user_id: userId, expires_at: endOf(world) });
  return token;
}
const toTokens = async (world: AccountsWorld, user: UserRow, login: string, refreshToken: string): Promise<Tokens> => ({
  accessToken: await world.tokenKeys.sign(world.clock, { ...user, login }),
  refreshToken,
  tokenType: "Bearer",
  expiresInSeconds: world.tokenSeconds,
});

/** Of who came in by a login. */
export async function logOut(world: AccountsWorld, login: string): Promise<void> {
  await world.db.transaction((tx) => rows.deleteLogin(tx, login));
  world.db.notify(ENDED);
}
