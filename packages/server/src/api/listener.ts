// What listens: HTTP, or HTTPS where there is a certificate. Made for each address that a name like localhost stands for.
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
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
/** How long whoever connects may keep this server waiting, in ms. */
export interface Patience {
  /** Until the head of a request is there, also of the first. */
  headMs: number;
  /** Until all of it is there. */
  requestMs: number;
  /** Between two requests. Longer than load balancers keep theirs, which must be the ones to end them. */
  idleMs: number;
  /** While an answer is not taken, or nothing at all moves. Longer than any handler may take. */
  stuckMs: number;
  /** How often heads and requests that are late are looked for. */
  lookMs: number;
}
const PATIENCE: Patience = { headMs: 15_000, requestMs: 60_000, idleMs: 72_000, stuckMs: 120_000, lookMs: 5000 };
const HANDSHAKE_MS = 10_000;

interface ListenerSettings {
  certificate?: Certificate | undefined;
  patience?: Partial<Patience> | undefined;
}
export function openListener(handler: RequestListener, { certificate, patience }: ListenerSettings): Server {
  const { headMs, requestMs, idleMs, stuckMs, lookMs } = { ...PATIENCE, ...patience };
  // The host header is judged with the rest, so that its absence is answered like everything else.
  const options = {
    requireHostHeader: false,
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: lookMs,
  };
  const server = certificate === undefined ? createServer(options, handler) : openSecure(options, handler, certificate);
  server.setTimeout(stuckMs);
  server.on("clientError", answerBrokenRequest);
  return server;
}
function openSecure(options: ServerOptions, handler: RequestListener, certificate: Certificate): Server {
  const server = createSecureServer({ ...options, ...certificate.options, handshakeTimeout: HANDSHAKE_MS }, handler);
  certificate.serve(server);
  return server;
}
