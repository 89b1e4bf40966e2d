// The door of access: whether callers must show a key, who calls, and what a browser may be used for.
// A request is judged in this order: browser checks, who calls, how often (counted by the caller of this), may they.
import { Refusal } from "@baton/contract";
import { keyFrom, openApiKeys } from "./api-keys.ts";
import { type GuardedRequest, openBrowserGuard } from "./browser-guard.ts";
import { needsAuth } from "./decide-access.ts";

export interface Caller {
  /** Who is counted against the rate limit: the key's holder, else the address. */
  name: string;
  hasKey: boolean;
  showedKey: boolean;
}

interface CallerHeaders {
  authorization?: string | undefined;
  "sec-websocket-protocol"?: string | undefined;
}

export interface Access {
  /** @throws Refusal `forbidden` when a foreign page uses its visitor's browser. */
  checkBrowser(request: GuardedRequest): void;
  /** Never refuses: a caller with a wrong key is counted by address like one with none, so that guessing is limited. */
  identify(request: { headers: CallerHeaders; address: string }): Caller;
  /** @throws Refusal `unauthorized` */
  authorize(caller: Caller): void;
}

export function openAccess(settings: { host: string; apiKeys: readonly string[]; requireAuth?: boolean | undefined; corsOrigins: readonly string[] }): Access {
  const keys = openApiKeys(settings.apiKeys);
  const browsers = openBrowserGuard(settings);
  const requireAuth = needsAuth(settings);
  return {
    checkBrowser: (request) => browsers.check(request),
    identify: ({ headers, address }) => {
      const key = keyFrom(headers);
      const holder = key === undefined ? undefined : keys.holderOf(key);
      return { name: holder ?? `address:${address}`, hasKey: holder !== undefined, showedKey: key !== undefined };
    },
    authorize: ({ hasKey, showedKey }) => {
      if (!requireAuth || hasKey) return;
      throw new Refusal("unauthorized", showedKey ? "This API key is not known here." : "Send an API key as `Authorization: Bearer <key>`.");
    },
  };
}
