// The door of access: who calls, what they may, and what a browser may be used for.
// A request is judged in this order: browser checks, who calls, how often (counted by the caller of this), may they.
import { accessRoles, type AuditEntry, Refusal, type Right, rightsOf, type Tokens } from "@baton/contract";
import { endLogins } from "./accounts.ts";
import { keyFrom, openApiKeys } from "./api-keys.ts";
import { type GuardedRequest, openBrowserGuard } from "./browser-guard.ts";
import { needsAuth } from "./decide-access.ts";
import { openGuesses } from "./guesses.ts";
import { identify, identifyBrowser, type Identity, identityOf, type IdentifyWorld } from "./identify.ts";
import { cookieFrom } from "./login-cookie.ts";
import { logIn, logInBrowser, logOut, refresh } from "./logins.ts";
import type { Standing } from "./standing.ts";

export { type AccountsWorld, createApiKey, createFirstAdmin, createUser, listApiKeys, listUsers, removeApiKey, removeUser, updateUser } from "./accounts.ts";
export { isLoopback } from "./decide-access.ts";
export type { Audit } from "./audit.ts";
export { findPerson, type Identity } from "./identify.ts";
export { cookieFrom, type LoginCookie, toCookie } from "./login-cookie.ts";
export type { Oidc } from "./oidc.ts";
export { openProjects, type Projects } from "./projects.ts";
export type { Saw } from "../std/saw.ts";
export { covers, EVERYWHERE, type Scope } from "../store/scope.ts";

/** What the doors ask of the rows behind them. */
export interface Accounts {
  identify(credential: string): Promise<Identity | undefined>;
  identifyBrowser(cookie: string): Promise<Identity | undefined>;
  /** Calls `end` once what they came in by has ended, see standing.ts. */
  hold: Standing["hold"];
  record(observed: Omit<AuditEntry, "seq" | "at" | "previousHash" | "hash">): void;
}
export const openAccounts = (world: IdentifyWorld, { record, hold }: Pick<Accounts, "record" | "hold">): Accounts => ({
  identify: (credential) => identify(world, credential),
  identifyBrowser: (cookie) => identifyBrowser(world, cookie),
  hold,
  record,
});

export interface Caller {
  /** Who is counted against the rate limit: whoever the credentials belong to, else the address. */
  name: string;
  identity: Identity | undefined;
  showedKey: boolean;
}

interface CallerHeaders {
  authorization?: string | undefined;
  "sec-websocket-protocol"?: string | undefined;
  cookie?: string | undefined;
}

export interface Access {
  /** @throws Refusal `forbidden` when a foreign page uses its visitor's browser. */
  checkBrowser(request: GuardedRequest): void;
  /** Never refuses: a caller with wrong credentials is counted by address like one with none, so that guessing is limited. */
  identify(request: GuardedRequest & { headers: CallerHeaders; address: string }): Promise<Caller>;
  /** @param right undefined: whoever is known. @throws Refusal `unauthorized`, `forbidden` */
  authorize(caller: Caller, right: Right | undefined): void;
}

export function openAccess(settings: {
  host: string;
  apiKeys: readonly string[];
  requireAuth?: boolean | undefined;
  corsOrigins: readonly string[];
  accounts?: Pick<Accounts, "identify" | "identifyBrowser"> | undefined;
}): Access {
  const keys = openApiKeys(settings.apiKeys);
  const browsers = openBrowserGuard(settings);
  const requireAuth = needsAuth(settings);
  const known = async (key: string): Promise<Identity | undefined> => {
    const holder = keys.holderOf(key);
    return holder === undefined ? settings.accounts?.identify(key) : identityOf("key", holder, "admin");
  };
  return {
    checkBrowser: (request) => browsers.check(request),
    identify: async ({ headers, address, ...request }) => {
      const key = keyFrom(headers);
      const cookie = key === undefined && browsers.isOwnPage(request) ? cookieFrom(headers.cookie, request.host, "login") : undefined;
      const name = `address:${address}`;
      const identity = key !== undefined ? await known(key) : cookie === undefined ? undefined : await settings.accounts?.identifyBrowser(cookie);
      if (identity !== undefined) return { name: identity.name, identity, showedKey: true };
      return { name, identity: requireAuth ? undefined : identityOf("local", name, "admin"), showedKey: key !== undefined || cookie !== undefined };
    },
    authorize: ({ identity, showedKey }, right) => {
      if (identity === undefined) {
        throw new Refusal(
          "unauthorized",
          showedKey ? "These credentials are not known here." : "Send an API key or an access token as `Authorization: Bearer …`.",
        );
      }
      assertMay(identity, right);
    },
  };
}
/** @throws Refusal `forbidden` that names who may. */
export function assertMay({ name, role, rights }: Identity, right: Right | undefined): void {
  if (right === undefined || rights.includes(right)) return;
  const may = accessRoles.filter((one) => rightsOf[one].includes(right));
  throw new Refusal("forbidden", `${name} has the role ${role}, which may not do this (${right}). Roles that may: ${may.join(", ")}.`);
}

export interface Logins {
  /** @param network from where, as callers are counted: see guesses.ts. */
  logIn(name: string, password: string, network: string): Promise<Tokens>;
  /** @returns what the browser's cookie is to say. */
  logInBrowser(name: string, password: string, network: string): Promise<string>;
  refresh(token: string): Promise<Tokens>;
  /** The login they came in by. @throws Refusal `conflict` when it was no login. */
  logOut(who: Identity): Promise<void>;
  /** All logins of who came in by one. @throws Refusal `conflict` */
  logOutEverywhere(who: Identity): Promise<void>;
  /** @throws Refusal `not_found` */
  logOutUser(idOrName: string): Promise<void>;
}
/** Logins, with limits to wrong passwords. */
export function openLogins(world: IdentifyWorld): Logins {
  const guessed = openGuesses(world);
  return {
    logIn: (name, password, network) => guessed({ name, network }, () => logIn(world, name, password)),
    logInBrowser: (name, password, network) => guessed({ name, network }, () => logInBrowser(world, name, password)),
    refresh: (token) => refresh(world, token),
    logOut: async (who) => logOut(world, loginOf(who)),
    logOutEverywhere: async (who) => {
      loginOf(who);
      await endLogins(world, who.name);
    },
    logOutUser: (idOrName) => endLogins(world, idOrName),
  };
}
function loginOf({ name, by }: Identity): string {
  if (by !== undefined && "login" in by) return by.login;
  throw new Refusal("conflict", `${name} did not log in, so there is no login to end. An API key is revoked where keys are kept.`);
}
