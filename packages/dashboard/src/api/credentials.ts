// What the page shows the server: an API key of this tab, or a person's login. The access token lives in memory and is renewed before it ends;
// what renews it is kept so that a reload, and another tab, go on with the same login.
import { createClient } from "@baton/client";
import { Refusal, type Tokens } from "@baton/contract";

const KEY = "baton-api-key";
const LOGIN = "baton-login";
/** Renewed so long before it ends. */
const EARLY_MS = 30_000;

type Send = typeof globalThis.fetch;
export interface Credentials {
  /** As the browser's, with the credential and, where it ran out meanwhile, sent once more with a new one. */
  fetch: Send;
  enterKey(key: string): void;
  /** @throws Refusal when name or password are wrong. */
  logIn(name: string, password: string): Promise<void>;
  forget(): void;
  isKnown(): boolean;
}

export function openCredentials(): Credentials {
  let access: { token: string; until: number } | undefined;
  let renewing: Promise<string | undefined> | undefined;
  const open = createClient({ url: "" });

  function keep(tokens: Tokens): string {
    access = { token: tokens.accessToken, until: Date.now() + tokens.expiresInSeconds * 1000 };
    localStorage.setItem(LOGIN, tokens.refreshToken);
    return tokens.accessToken;
  }
  async function renewOnce(): Promise<string | undefined> {
    const refreshToken = localStorage.getItem(LOGIN);
    if (refreshToken === null) return undefined;
    try {
      return keep(await open.createToken({ body: { refreshToken } }));
    } catch (error) {
      // Ended by the server. Anything else, such as a server that is away, is told to whoever asked.
      if (!(error instanceof Refusal)) throw error;
      localStorage.removeItem(LOGIN);
      access = undefined;
      return undefined;
    }
  }
  // A refresh token is used once: tabs take turns, so that none shows what another has used already.
  const renew = (): Promise<string | undefined> =>
    (renewing ??= inTurn(renewOnce).finally(() => {
      renewing = undefined;
    }));
  async function current(): Promise<string | undefined> {
    if (access !== undefined && Date.now() < access.until - EARLY_MS) return access.token;
    return (await renew()) ?? sessionStorage.getItem(KEY) ?? undefined;
  }
  const send = (url: Parameters<Send>[0], init: RequestInit, token: string | undefined): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    return globalThis.fetch(url, { ...init, headers });
  };
  return {
    async fetch(url, init = {}) {
      const token = await current();
      const response = await send(url, init, token);
      if (response.status !== 401 || token === undefined || token !== access?.token) return response;
      access = undefined;
      const next = await renew();
      return next === undefined ? response : send(url, init, next);
    },
    enterKey(key) {
      localStorage.removeItem(LOGIN);
      access = undefined;
      sessionStorage.setItem(KEY, key);
    },
    async logIn(name, password) {
      keep(await open.createToken({ body: { name, password } }));
      sessionStorage.removeItem(KEY);
    },
    forget() {
      access = undefined;
      sessionStorage.removeItem(KEY);
      localStorage.removeItem(LOGIN);
    },
    isKnown: () => access !== undefined || sessionStorage.getItem(KEY) !== null || localStorage.getItem(LOGIN) !== null,
  };
}

/** Browsers give locks to safe origins only; elsewhere a second tab may have to log in again. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request(LOGIN, work) : work();
}
