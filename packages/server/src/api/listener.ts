// What listens: HTTP, or HTTPS where there is a certificate. Made for each address that a name like localhost stands for.
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { SecureContextOptions, Server as SecureServer } from "node:tls";
import { answerBrokenRequest } from "./problems.ts";

/** What this server shows itself by; it may change while the server runs. */
export interface Certificate {
  /** Of the newest: certificate, key, least version. */
  readonly options: SecureContextOptions;
  /** The first of these names and addresses that the certificate is for; else the first it is for. Undefined when it is for none by name. */
  nameOf(candidates: readonly string[]): string | undefined;
  /** From now on this server opens connections with whatever is newest. */
  serve(server: SecureServer): void;
}
/** The host header is judged with the rest, so that its absence is answered like everything else. */
const HTTP = { requireHostHeader: false };
const REQUEST_MS = 60_000;
const HANDSHAKE_MS = 10_000;
/** Longer than load balancers keep theirs, which must be the ones to end them. */
const KEEP_ALIVE_MS = 72_000;

export function openListener(handler: RequestListener, certificate: Certificate | undefined): Server {
  const server = certificate === undefined ? createServer(HTTP, handler) : openSecure(handler, certificate);
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on("clientError", answerBrokenRequest);
  return server;
}
function openSecure(handler: RequestListener, certificate: Certificate): Server {
  const server = createSecureServer({ ...HTTP, ...certificate.options, handshakeTimeout: HANDSHAKE_MS }, handler);
  certificate.serve(server);
  return server;
}
