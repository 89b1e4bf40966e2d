// A link in Node, by `ws`: the key travels in the Authorization header, and a refused upgrade can be read.
import type { IncomingMessage } from "node:http";
import { Refusal } from "@baton/contract";
import { WebSocket } from "ws";
import type { OpenLink } from "./link.ts";
import { toRefusal } from "./to-refusal.ts";
import { reasonOf } from "./unreachable.ts";

const OPEN_TIMEOUT_MS = 10_000;

export const openNodeLink: OpenLink = ({ url, apiKey }, events) => {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: OPEN_TIMEOUT_MS });
  let detail = "the connection closed";
  let refusal: Refusal | undefined;
  socket.on("open", () => events.opened());
  socket.on("message", (data) => events.received(String(data)));
  // `close` follows every `error`.
  socket.on("error", (error) => (detail = reasonOf(error)));
  socket.on("close", () => events.closed({ detail, refusal }));
  socket.on("unexpected-response", (request, response) => {
    void readRefusal(url, response).then((read) => {
      if (read instanceof Refusal) refusal = read;
      detail = read.message;
      request.destroy();
      socket.terminate();
    });
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  };
};

async function readRefusal(url: string, response: IncomingMessage) {
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
  } catch (error) {
    text = reasonOf(error);
  }
  const { statusCode = 0, statusMessage = "", headers } = response;
  return toRefusal({ url, status: statusCode, statusText: statusMessage, retryAfter: headers["retry-after"] ?? null, text });
}
