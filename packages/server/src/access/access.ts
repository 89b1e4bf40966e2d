// The door of access: who calls, what they may, and what a browser may be used for.
// A request is judged in this order: browser checks, who calls, how often (counted by the caller of this), may they.
import { accessRoles, type AuditEntry, Refusal, type Right, rightsOf, type Tokens } from "@baton/contract";
import { logIn, refresh } from "./accounts.ts";
import { keyFrom, openApiKeys } from "./api-keys.ts";
import { type GuardedRequest, openBrowserGuard } from "./browser-guard.ts";
import { needsAuth } from "./decide-access.ts";
import { openGuesses } from "./guesses.ts";
import { identify, type Identity, identityOf, type IdentifyWorld } from "./identify.ts";

export { type AccountsWorld, createApiKey, createFirstAdmin, createUser, listApiKeys, listUsers, removeApiKey, removeUser, updateUser } from "./accounts.ts";
export type { Audit } from "./audit.ts";
export type { Identity } from "./identify.ts";
export { openProjects, type Projects } from "./projects.ts";
export { covers, EVERYWHERE, type Scope } from "../store/scope.ts";

/** What the doors ask of the rows behind them. */
export interface Accounts {
  identify(credential: string): Promise<Identity | undefined>;
  record(observed: Omit<AuditEntry, "seq" | "at" | "previousHash" | "hash">): void;
}
export const openAccounts = (world: IdentifyWorld, record: Accounts["record"]): Accounts => ({ identify: (credential) => identify(world, credential), record });

export interface Caller {
  /** Who is counted against the rate limit: whoever the credentials belong to, else the address. */
  name: string;
  identity: Identity | undefined;
  showedKey: boolean;
}

interface CallerHeaders {
  authorization?: string | undefined;
  "sec-websocket-protocol"?: string | undefined;
}

export interface Access {
  /** @throws Refusal `forbidden` when a foreign page uses its visitor's browser. */
  checkBrowser(request: GuardedRequest): void;
  /** Never refuses: a caller with wrong credentials is counted by address like one with none, so that guessing is limited. */
  identify(request: { headers: CallerHeaders; address: string }): Promise<Caller>;
  /** @param right undefined: whoever is known. @throws Refusal `unauthorized`, `forbidden` */
  authorize(caller: Caller, right: Right | undefined): void;
}
const GUESSES_A_CALLER = 30;
const GUESSES_A_NAME = 10;

export function openAccess(settings: {
  host: string;
  apiKeys: readonly string[];
  requireAuth?: boolean | undefined;
  corsOrigins: readonly string[];
  accounts?: Pick<Accounts, "identify"> | undefined;
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
    identify: async ({ headers, address }) => {
      const key = keyFrom(headers);
      const name = `address:${address}`;
      if (key !== undefined) {
        const identity = await known(key);
        if (identity !== undefined) return { name: identity.name, identity, showedKey: true };
      }
      return { name, identity: requireAuth ? undefined : identityOf("local", name, "admin"), showedKey: key !== undefined };
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
  /** @param caller who is held to a number of wrong passwords, whatever the name. */
  logIn(name: string, password: string, caller: string): Promise<Tokens>;
  refresh(token: string): Promise<Tokens>;
}
/** Logins, with limits to wrong passwords for one name and from one caller. */
export function openLogins(world: IdentifyWorld): Logins {
  const forName = openGuesses(world.clock, GUESSES_A_NAME);
  const fromCaller = openGuesses(world.clock, GUESSES_A_CALLER);
  return {
    logIn: async (name, password, caller) => {
      forName.check(name);
      fromCaller.check(caller);
      return logIn(world, name, password).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === "unauthorized") {
          forName.wrong(name);
          fromCaller.wrong(caller);
        }
        throw error;
      });
    },
    refresh: (token) => refresh(world, token),
  };
}
