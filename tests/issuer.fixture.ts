// A real OpenID Connect provider on this machine, and a browser without a screen that goes there, logs in and comes back.
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Provider } from "oidc-provider";

export const CLIENT = { id: "baton", secret: "planted-secret-of-the-client" };
type Person = Record<string, string | boolean>;

export interface Issuer {
  url: string;
  /** By the name they log in with there. */
  people: Record<string, Person>;
  /** Lets this server's pages send people here. */
  know(batonUrl: string): void;
  close(): Promise<void>;
}

export async function openIssuer(): Promise<Issuer> {
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people: Issuer["people"] = {};
  return {
    url,
    people,
    know: (batonUrl) => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const provider = new Provider(url, {
        clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${batonUrl}/api/v1/auth/oidc/callback`] }],
        jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "one" }] },
        cookies: { keys: ["a key for its cookies"] },
        claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
        findAccount: (_, sub) => ({ accountId: sub, claims: async () => ({ sub, ...people[sub] }) }),
        features: { devInteractions: { enabled: true } },
      });
      const answer = provider.callback();
      server.removeAllListeners("request").on("request", (request, response) => void answer(request, response));
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Keeps cookies by host and port, and follows where it is sent. */
export interface Walker {
  cookies: Map<string, string>;
  /** One step, which it does not go on from. */
  get(url: string, init?: { method: string; form: Record<string, string> }): Promise<Response>;
  /** From Baton's page to the provider, through its login and consent, to the address it is sent back to. `change` alters where it is sent at first. */
  logInAt(batonUrl: string, name: string, options?: { returnTo?: string; change?: (url: URL) => void; cancels?: boolean }): Promise<string>;
}
export function openWalker(): Walker {
  const cookies = new Map<string, string>();
  const get: Walker["get"] = async (url, init) => {
    const { host } = new URL(url);
    const shown = [...cookies].filter(([key]) => key.startsWith(`${host} `)).map(([key, value]) => `${key.slice(host.length + 1)}=${value}`);
    const form = init === undefined ? {} : { method: init.method, body: new URLSearchParams(init.form) };
    const response = await fetch(url, { ...form, redirect: "manual", headers: { cookie: shown.join("; ") } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "") cookies.delete(`${host} ${name}`);
      else cookies.set(`${host} ${name}`, value);
    }
    return response;
  };
  return {
    cookies,
    get,
    logInAt: async (batonUrl, name, { returnTo = "/tasks", change, cancels = false } = {}) => {
      const begun = await get(`${batonUrl}/api/v1/auth/oidc/begin?${new URLSearchParams({ returnTo }).toString()}`);
      let at = new URL(begun.headers.get("location") ?? "", batonUrl);
      change?.(at);
      for (let steps = 0; at.origin !== batonUrl && steps < 12; steps++) {
        let response = await get(at.href);
        if (response.status === 200) {
          const prompt = (await response.text()).includes('value="login"') ? "login" : "consent";
          response = cancels
            ? await get(`${at.href}/abort`)
            : await get(at.href, { method: "POST", form: { prompt, ...(prompt === "login" ? { login: name, password: "any" } : {}) } });
        }
        const location = response.headers.get("location");
        if (location === null) throw new Error(`The provider answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
        at = new URL(location, at);
      }
      return at.href;
    },
  };
}
