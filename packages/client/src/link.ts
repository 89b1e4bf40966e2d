// The port to a WebSocket: the least that a dial-in agent needs of one, so that Node and browsers each bring their own.
import type { Refusal } from "@baton/contract";

export interface Link {
  /** Sends one text frame; what is sent on a broken link is lost. */
  send(text: string): void;
  /** Ends the link politely: what was sent before still goes out. */
  close(): void;
  /** Ends a link that does not answer any more, at once. */
  terminate(): void;
}

export interface LinkEvents {
  opened(): void;
  received(text: string): void;
  /** Once, also when it never opened. `refusal`: the server said no to the connection itself. */
  closed(why: { detail: string; refusal?: Refusal | undefined }): void;
}

/** Must: call `events` only after it returned, and never `closed` twice. Must not throw for a server that is away. */
export type OpenLink = (address: { url: string; apiKey: string | undefined }, events: LinkEvents) => Link;

/** `http(s)://…` -> `ws(s)://…/api/v1/live`. */
export function toLiveUrl(url: string, path: string): string {
  return url.replace(/\/+$/, "").replace(/^http/i, "ws") + path;
}
