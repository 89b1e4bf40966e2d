// Every call this server makes to an agent leaves through here. The address is judged when the socket connects, for every
// address a name resolves to, so that a name cannot point elsewhere between a check and the call (DNS rebinding).
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Refusal } from "@baton/contract";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { type AddressKind, addressKind, holdsAddress } from "./address-kind.ts";

export interface OutboundSettings {
  /** How far out of the public net calls may go. `loopback` is public and this machine; `private` is both and the private ranges. */
  allow: "public" | "loopback" | "private";
  /** Also allowed: an address or block (whatever its kind), a host name or `*.domain` (may resolve to private and loopback addresses). */
  hosts?: string[] | undefined;
}
export interface ResolvedAddress {
  address: string;
  family: number;
}
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

export interface Outbound {
  /** Follows no redirects, uses no proxy, keeps connections a few seconds. Fails with Refusal `unsafe_endpoint` instead of connecting. */
  dispatcher: Dispatcher;
  /** @throws Refusal `unsafe_endpoint` when the address is not one this server may call. A name that does not resolve now passes. */
  check(endpoint: string): Promise<void>;
  close(): Promise<void>;
}

const ALLOWED: Record<OutboundSettings["allow"], AddressKind[]> = {
  public: ["public"],
  loopback: ["public", "loopback"],
  private: ["public", "loopback", "private"],
};
const CONNECT_TIMEOUT_MS = 10_000;
/** Sockets to one origin at a time; further calls wait for one. */
const CONNECTIONS_PER_ORIGIN = 512;

export function openOutbound(settings: OutboundSettings, resolve: Resolve = (hostname) => lookup(hostname, { all: true })): Outbound {
  const agent = new Agent({
    connect: guardedConnector(settings, resolve),
    connections: CONNECTIONS_PER_ORIGIN,
    // An agent may think for hours: the attempt's deadline ends a call, TCP keep-alive finds dead peers.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    dispatcher: agent,
    check: (endpoint) => checkEndpoint(settings, resolve, endpoint),
    close: () => agent.destroy(),
  };
}

/** The parsed URL. @throws Refusal `unsafe_endpoint` for another scheme than http(s) or for credentials inside. */
export function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined) throw new Refusal("unsafe_endpoint", `${JSON.stringify(endpoint)} is not a URL.`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Refusal("unsafe_endpoint", `${url.protocol} may not be called; allowed are http: and https:.`);
  if (url.username !== "" || url.password !== "")
    throw new Refusal("unsafe_endpoint", "An address must not hold a user name or password; use auth or a header.");
  return url;
}

/** The endpoint keeps its own path and query; those of `path` are added after them. */
export function joinPath(endpoint: string, path: string): URL {
  const url = parseEndpoint(endpoint);
  const [pathname = "", ...query] = path.split("?");
  url.pathname = url.pathname.replace(/\/+$/, "") + pathname;
  for (const [name, value] of new URLSearchParams(query.join("?"))) url.searchParams.append(name, value);
  url.hash = "";
  return url;
}

async function checkEndpoint(settings: OutboundSettings, resolve: Resolve, endpoint: string): Promise<void> {
  const host = bareHost(parseEndpoint(endpoint).hostname);
  if (isIP(host) !== 0) return refuseUnlessAllowed(settings, host, [host]);
  const addresses = await resolve(host).catch(() => []); // Not resolvable now says nothing about safety: the call will tell.
  refuseUnlessAllowed(
    settings,
    host,
    addresses.map((each) => each.address),
  );
}

function guardedConnector(settings: OutboundSettings, resolve: Resolve): buildConnector.connector {
  const guarded: LookupFunction = (hostname, options, reply) => {
    judge(hostname).then(
      (addresses) => (options.all === true ? reply(null, addresses) : reply(null, addresses[0].address, addresses[0].family)),
      (error: NodeJS.ErrnoException) => reply(error, ""),
    );
  };
  async function judge(hostname: string): Promise<[ResolvedAddress, ...ResolvedAddress[]]> {
    const [first, ...others] = await resolve(hostname);
    if (first === undefined) throw notFound(hostname);
    const addresses = [first, ...others].map((each) => each.address);
    refuseUnlessAllowed(settings, hostname, addresses);
    return [first, ...others];
  }
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guarded });
  return (options, callback) => {
    // A literal address is never looked up, so it is judged here.
    const host = bareHost(options.hostname);
    const refusal = isIP(host) === 0 ? undefined : refusalFor(settings, host, [host]);
    if (refusal !== undefined) callback(refusal, null);
    else connect(options, callback);
  };
}

function refuseUnlessAllowed(settings: OutboundSettings, host: string, addresses: string[]): void {
  const refusal = refusalFor(settings, host, addresses);
  if (refusal !== undefined) throw refusal;
}

/** One bad address among many refuses the host: which one would be dialled is chance. */
function refusalFor(settings: OutboundSettings, host: string, addresses: string[]): Refusal | undefined {
  const bad = addresses.find((address) => !isAllowed(settings, host, address));
  if (bad === undefined) return undefined;
  const kind = addressKind(bad);
  const named = host === bad ? bad : `${host} (${bad})`;
  const what = kind === "never" ? "is a link-local, metadata or reserved address" : `is a ${kind} address`;
  return new Refusal(
    "unsafe_endpoint",
    `${named} ${what}; this server may call ${ALLOWED[settings.allow].join(", ")} addresses${hostList(settings)}${remedy(kind)}.`,
  );
}
const remedy = (kind: AddressKind): string => (kind === "loopback" || kind === "private" ? ` (BATON_OUTBOUND=${kind} allows it)` : "");
const hostList = (settings: OutboundSettings): string => (settings.hosts?.length ? ` and ${settings.hosts.join(", ")}` : "");

function isAllowed(settings: OutboundSettings, host: string, address: string): boolean {
  const kind = addressKind(address);
  if (ALLOWED[settings.allow].includes(kind)) return true;
  return (settings.hosts ?? []).some((entry) => holdsAddress(entry, address) || (kind !== "never" && namesHost(entry, host)));
}
function namesHost(entry: string, host: string): boolean {
  const wanted = entry.toLowerCase();
  const name = host.toLowerCase().replace(/\.$/, "");
  return wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted;
}

const bareHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");
const notFound = (hostname: string): Error => Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" });
