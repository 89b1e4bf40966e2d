// What the page shows the server: the cookie of a person's login, which no script reads and the browser brings by itself, or an API key of this tab.
import { createClient, Refusal } from "@baton/client";

const KEY = "baton-api-key";
/** That somebody logged in here, so that the page can say that it has ended. It opens nothing. */
const LOGGED_IN = "baton-logged-in";
/** Where earlier versions of the page kept what renews a login. */
const FORMER = "baton-login";

type Send = typeof globalThis.fetch;
export interface Credentials {
  /** As the browser's, with the key where there is one. */
  fetch: Send;
  enterKey(key: string): void;
  /** @throws Refusal when name or password are wrong. */
  logIn(name: string, password: string): Promise<void>;
  /** Ends the login, on the server too; of a key, forgets it. */
  logOut(): Promise<void>;
  /** Ends all logins of who is logged in, wherever they are. */
  logOutEverywhere(): Promise<void>;
  isKnown(): boolean;
}

export function openCredentials(): Credentials {
  localStorage.removeItem(FORMER);
  const keyed: Send = (url, init = {}) => {
    const key = sessionStorage.getItem(KEY);
    if (key === null) return globalThis.fetch(url, init);
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${key}`);
    return globalThis.fetch(url, { ...init, headers });
  };
  const client = createClient({ url: "", fetch: keyed });
  async function end(login: () => Promise<unknown>): Promise<void> {
    try {
      if (sessionStorage.getItem(KEY) === null) await login();
    } catch (error) {
      // It had ended before.
      if (!(error instanceof Refusal && error.code === "unauthorized")) throw error;
    }
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(LOGGED_IN);
  }
  return {
    fetch: keyed,
    enterKey: (key) => sessionStorage.setItem(KEY, key),
    async logIn(name, password) {
      await client.logInBrowser({ body: { name, password } });
      sessionStorage.removeItem(KEY);
      localStorage.setItem(LOGGED_IN, "yes");
    },
    logOut: () => end(client.logOut),
    logOutEverywhere: () => end(client.logOutEverywhere),
    isKnown: () => sessionStorage.getItem(KEY) !== null || localStorage.getItem(LOGGED_IN) !== null,
  };
}
