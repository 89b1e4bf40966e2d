// API keys as they are compared: by hash, each against each, so that time tells nothing about a key.
import { createHash, timingSafeEqual } from "node:crypto";
import { BEARER_PROTOCOL } from "@baton/contract";

export interface ApiKeys {
  /** The name of the key's holder for logs and limits (the start of its hash), or undefined when nobody has this key. */
  holderOf(key: string): string | undefined;
}

const hash = (key: string): Buffer => createHash("sha256").update(key, "utf8").digest();

export function openApiKeys(keys: readonly string[]): ApiKeys {
  const known = keys.map((key) => ({ hashed: hash(key), holder: `key:${hash(key).toString("hex").slice(0, 12)}` }));
  return {
    holderOf(key) {
      const given = hash(key);
      let holder: string | undefined;
      for (const candidate of known) if (timingSafeEqual(candidate.hashed, given)) holder = candidate.holder;
      return holder;
    },
  };
}

/** The key a request carries: `Authorization: Bearer …`, or, from a browser's WebSocket, which cannot set headers, a subprotocol. */
export function keyFrom(headers: { authorization?: string | undefined; "sec-websocket-protocol"?: string | undefined }): string | undefined {
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? "");
  if (bearer) return bearer[1];
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((protocol) => protocol.trim());
  const carrier = offered.find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  return carrier === undefined ? undefined : Buffer.from(carrier.slice(BEARER_PROTOCOL.length), "base64url").toString("utf8");
}
