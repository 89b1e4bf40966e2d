// What an agent is to tools: a tool server with what it said it has, or somebody who may be handed tool servers.
import { toolTakers, type ConnectorSettings, type ToolServers } from "@baton/contract";
import type { Offer, Tooling } from "../routing/agent-index.ts";

/** @param discovered what a tool server said of itself, as its connector wrote it down. */
export function toOffers(discovered: string | null): Offer[] {
  if (discovered === null) return [];
  const { tools = [], resources = [] } = JSON.parse(discovered) as { tools?: Listed[]; resources?: Listed[] };
  return [...tools.map((one) => toOffer("tool", one)), ...resources.map((one) => toOffer("resource", one))];
}
interface Listed {
  name: string;
  description: string;
  uri?: string;
}
const toOffer = (kind: Offer["kind"], { name, description, uri }: Listed): Offer => ({ kind, name, description, uri: uri ?? null });

export function toTooling({
  connector,
  toolServers,
  offers,
}: {
  connector: ConnectorSettings;
  toolServers: ToolServers;
  offers: Offer[] | undefined;
}): Tooling {
  if (offers !== undefined) return { gives: offers, takes: "none", why: "is a tool server itself" };
  if (!(toolTakers as readonly string[]).includes(connector.kind))
    return { takes: "none", why: `is reached by ${connector.kind}, whose agents are handed no tool servers` };
  if (toolServers === "any") return { takes: toolServers };
  return { takes: toolServers, why: toolServers === "none" ? "is to be handed none" : `is to be handed only ${toolServers.join(", ")}` };
}
