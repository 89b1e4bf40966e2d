// A link in browsers, by their own WebSocket. It cannot send headers, so the key travels as a subprotocol, and a refused
// upgrade looks like any other failure to connect.
import { BEARER_PROTOCOL, LIVE_PROTOCOL } from "@baton/contract";
import type { OpenLink } from "./link.ts";

export const openBrowserLink: OpenLink = ({ url, apiKey }, events) => {
  const protocols = apiKey === undefined ? [LIVE_PROTOCOL] : [LIVE_PROTOCOL, BEARER_PROTOCOL + toBase64Url(apiKey)];
  const socket = new WebSocket(url, protocols);
  let isClosed = false;
  const closed = (detail: string) => {
    if (isClosed) return;
    isClosed = true;
    events.closed({ detail });
  };
  socket.addEventListener("open", () => events.opened());
  socket.addEventListener("message", (message) => events.received(String(message.data)));
  socket.addEventListener("close", ({ code, reason }) => closed(reason === "" ? `the connection closed (${code})` : reason));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
    terminate: () => {
      // A browser waits for the other side to agree to a close; to us the link is gone now.
      socket.close();
      queueMicrotask(() => closed("the connection did not answer"));
    },
  };
};

function toBase64Url(text: string): string {
  const bytes = String.fromCodePoint(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
