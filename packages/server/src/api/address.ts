// Where this server says it is reached: by a name that its certificate is for, where it has one.
import type { AddressInfo } from "node:net";
import { isLoopback } from "../access/access.ts";
import type { Certificate } from "./listener.ts";

const EVERYWHERE = new Set(["0.0.0.0", "::"]);
const LOCAL = ["127.0.0.1", "localhost"];

/** @param host as it was asked for. @returns `https://baton.example:8000` */
export function toAddress({ address, port }: AddressInfo, host: string, certificate: Certificate | undefined): string {
  const bare = host.replace(/^\[|\]$/g, "");
  const isEverywhere = EVERYWHERE.has(address) || EVERYWHERE.has(bare);
  const candidates = isEverywhere ? LOCAL : [bare, ...(isLoopback(bare) ? LOCAL : [])];
  const told = certificate?.nameOf(candidates);
  // A server on loopback answers to no other names than these, see access/browser-guard.ts.
  const name = told !== undefined && (candidates.includes(told) || !isLoopback(bare)) ? told : (candidates[0] as string);
  return `${certificate ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
