// The order in which a request is judged before anything looks at it: browser checks, who calls, how often, may they.
import { Refusal } from "@baton/contract";
import { type ApiKeys, keyFrom } from "./api-keys.ts";
import type { BrowserGuard } from "./browser-guard.ts";

export interface Caller {
  /** Who is counted against the rate limit: the key's holder, else the address. */
  name: string;
  hasKey: boolean;
  showedKey: boolean;
}

export interface GuardWorld {
  apiKeys: ApiKeys;
  browsers: BrowserGuard;
  requireAuth: boolean;
}

interface Headers {
  authorization?: string | undefined;
  "sec-websocket-protocol"?: string | undefined;
}

/** Never refuses: a caller with a wrong key is counted by address like one with none, so that guessing is limited. */
export function identify(world: GuardWorld, request: { headers: Headers; address: string }): Caller {
  const key = keyFrom(request.headers);
  const holder = key === undefined ? undefined : world.apiKeys.holderOf(key);
  return { name: holder ?? `address:${request.address}`, hasKey: holder !== undefined, showedKey: key !== undefined };
}

/** @throws Refusal `unauthorized` */
export function authorize(world: GuardWorld, caller: Caller): void {
  if (!world.requireAuth || caller.hasKey) return;
  throw new Refusal("unauthorized", caller.showedKey ? "This API key is not known here." : "Send an API key as `Authorization: Bearer <key>`.");
}
