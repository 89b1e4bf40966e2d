// What keeps a foreign web page from using a visitor's browser against this server: the Host header must be ours where
// only this machine should reach us (DNS rebinding), and a page's Origin must be ours or allowed before anything changes.
import { Refusal } from "@baton/contract";
import { isLoopback } from "./decide-access.ts";

export interface GuardedRequest {
  method: string;
  isWebSocket: boolean;
  host: string | undefined;
  origin: string | undefined;
  /** What the browser says of where the request comes from: the header Sec-Fetch-Site, which no script can set. */
  fetchSite: string | undefined;
  /** And of what for: `navigate` where a person goes there, see Sec-Fetch-Mode. */
  fetchMode?: string | undefined;
}

export interface BrowserGuard {
  /** @throws Refusal `forbidden` */
  check(request: GuardedRequest): void;
  /** Whether a page of this very origin asks, so that its visitor's cookie counts. One of an allowed origin brings a token of its own. */
  isOwnPage(request: GuardedRequest): boolean;
}

const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"];

export function openBrowserGuard(settings: { host: string; corsOrigins: readonly string[] }): BrowserGuard {
  const names = new Set([...LOCAL_NAMES, settings.host.toLowerCase(), `[${settings.host.toLowerCase()}]`]);
  const origins = new Set(settings.corsOrigins);
  const checksHost = isLoopback(settings.host);
  return {
    check({ method, isWebSocket, host, origin, fetchSite, fetchMode }) {
      // Any port: tunnels and port mappings change it, and an attacker's page has another name, not another port.
      if (checksHost && !names.has(nameOf(host))) {
        throw new Refusal("forbidden", `The Host header says ${host ?? "nothing"}; this server answers to ${LOCAL_NAMES.join(", ")}.`);
      }
      // Nothing of it: not a browser, so there is no visitor to protect.
      const isForeign = fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none";
      if (READING.has(method) && !isWebSocket) {
        // It could not see the answer; what it does not get it cannot measure, keep open, or have the server look for. Links lead here.
        if (isForeign && fetchMode !== "navigate" && !(origin !== undefined && origins.has(origin)))
          throw new Refusal("forbidden", "Pages of other origins may not read this.");
        return;
      }
      if (origin === undefined) {
        if (!isForeign) return;
        throw new Refusal("forbidden", "Pages of other origins may not do this.");
      }
      if (!origins.has(origin) && authorityOf(origin) !== host?.toLowerCase()) {
        throw new Refusal("forbidden", `Pages from ${origin} may not do this. Allowed origins are configured on the server.`);
      }
    },
    isOwnPage({ method, isWebSocket, host, origin, fetchSite }) {
      const onlyReads = READING.has(method) && !isWebSocket;
      // `none`: a person opened the address itself. On plain HTTP beyond loopback browsers say nothing of the site, and of the origin only
      // where something may change; what a page of another origin reads there without a word, its browser does not let it see.
      if (fetchSite !== undefined && fetchSite !== "same-origin" && !(fetchSite === "none" && onlyReads)) return false;
      return origin === undefined ? onlyReads : authorityOf(origin) === host?.toLowerCase();
    },
  };
}

const nameOf = (host = ""): string => host.toLowerCase().replace(/:\d*$/, "");

/** Host and port of an origin; the scheme is not compared, as a proxy in front may speak TLS for us. */
function authorityOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host || undefined : undefined;
}
