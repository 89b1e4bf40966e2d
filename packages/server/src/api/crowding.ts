// How many connections one address may have open at once: whoever wants more is told so and cut off, and keeps nobody else out.
import type { Server } from "node:http";
import type { Socket } from "node:net";
import ipaddr from "ipaddr.js";
import { isLoopback } from "../access/access.ts";
import { refuseSocket } from "./problems.ts";

export interface CrowdingSettings {
  /** Undefined: `DEFAULT_MOST`, but for this machine itself and for a proxy, who is everybody. */
  maxConnectionsPerAddress?: number | undefined;
  trustProxy?: boolean | undefined;
}
const DEFAULT_MOST = 1000;
/** Of an address of IPv6: what is given out to one network. */
const NETWORK_BITS = 64;

/** @returns what counts together whatever comes to these servers; each is to be told to it. */
export function openCrowding({ maxConnectionsPerAddress, trustProxy = false }: CrowdingSettings): (server: Server) => void {
  const counts = new Map<string, number>();
  const most = maxConnectionsPerAddress ?? (trustProxy ? Number.POSITIVE_INFINITY : DEFAULT_MOST);
  function admit(socket: Socket, isPlain: boolean): void {
    const address = socket.remoteAddress;
    if (address === undefined || (maxConnectionsPerAddress === undefined && isLoopback(address))) return;
    const network = networkOf(address);
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    socket.once("close", () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left === 0) counts.delete(network);
      else counts.set(network, left);
    });
    if (count <= most) return;
    if (isPlain) refuseSocket(socket, "too_many_requests", `More than ${most} connections are open from ${network}.`);
    else socket.destroy();
  }
  return (server) => void server.on("connection", (socket: Socket) => admit(socket, !("setSecureContext" in server)));
}
/** `192.0.2.7`, however it is written; `2001:db8:0:7::/64`. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${NETWORK_BITS}`).toString()}/${NETWORK_BITS}`;
}
