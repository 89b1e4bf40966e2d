// How many connections there may be, of one address and of all: an address that wants more is told so and cut off; where all are too many, the
// oldest of those that showed no credentials makes room, so that a crowd of strangers, from wherever, keeps out nobody who is known.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import ipaddr from "ipaddr.js";
import { isLoopback } from "../access/access.ts";
import { peerOf } from "./drain.ts";
import { refuseSocket } from "./problems.ts";

export interface CrowdingSettings {
  /** Undefined: `MOST_OF_AN_ADDRESS`, but for this machine itself and for a proxy, who is everybody. */
  maxConnectionsPerAddress?: number | undefined;
  /** Undefined: `MOST`. */
  maxConnections?: number | undefined;
  trustProxy?: boolean | undefined;
}
export interface Crowding {
  /** Counts together whatever comes to the servers it is told of. */
  watch(server: Server): void;
  /** Whoever came over it is known: it makes room for nobody any more. */
  vouch(socket: Socket): void;
}
const MOST_OF_AN_ADDRESS = 1000;
/** More agents than one server was measured with, twice (bench `crowd`). */
const MOST = 20_000;
/** Of an address of IPv6: what is given out to one network. */
const NETWORK_BITS = 64;

export function openCrowding({ maxConnectionsPerAddress, maxConnections = MOST, trustProxy = false }: CrowdingSettings): Crowding {
  const counts = new Map<string, number>();
  const mostOfOne = maxConnectionsPerAddress ?? (trustProxy ? Number.POSITIVE_INFINITY : MOST_OF_AN_ADDRESS);
  /** By where they come from, the oldest first: what a request comes by is, with TLS, not the socket that was connected. */
  const strangers = new Map<string, Socket>();
  const known = new Set<string>();
  function admit(socket: Socket, isPlain: boolean): void {
    const refuse = (detail: string): void => (isPlain ? refuseSocket(socket, "too_many_requests", detail) : void socket.destroy());
    if (isOneTooMany(socket)) return refuse(`More than ${mostOfOne} connections are open from ${networkOf(socket.remoteAddress ?? "")}.`);
    if (strangers.size + known.size >= maxConnections) {
      const [oldest] = strangers;
      if (oldest === undefined) return refuse(`More than ${maxConnections} connections are open.`);
      strangers.delete(oldest[0]);
      oldest[1].destroy();
    }
    const peer = peerOf(socket);
    strangers.set(peer, socket);
    socket.once("close", () => {
      known.delete(peer);
      if (strangers.get(peer) === socket) strangers.delete(peer);
    });
  }
  function isOneTooMany(socket: Socket): boolean {
    const address = socket.remoteAddress;
    if (address === undefined || (maxConnectionsPerAddress === undefined && isLoopback(address))) return false;
    const network = networkOf(address);
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    socket.once("close", () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left === 0) counts.delete(network);
      else counts.set(network, left);
    });
    return count > mostOfOne;
  }
  return {
    watch: (server) => void server.on("connection", (socket: Socket) => admit(socket, !("setSecureContext" in server))),
    vouch: (socket) => {
      const peer = peerOf(socket);
      if (strangers.delete(peer)) known.add(peer);
    },
  };
}
/** `192.0.2.7`, however it is written; `2001:db8:0:7::/64`. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${NETWORK_BITS}`).toString()}/${NETWORK_BITS}`;
}
