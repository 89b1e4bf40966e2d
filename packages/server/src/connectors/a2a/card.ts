// An agent's card: where it is, what it says, and what Baton takes from it. Cards of 1.0, and older ones, which are read as if they were new.
import { AgentCard, AGENT_CARD_PATH } from "@a2a-js/sdk";
import { DefaultAgentCardResolver } from "@a2a-js/sdk/client";
import { type A2aConnector, type Json, Refusal } from "@baton/contract";
import { parseAgentJson } from "../agent-text.ts";
import type { Discovery } from "../connector.ts";
import { exchange } from "../exchange.ts";
import { joinPath, parseEndpoint } from "../outbound.ts";
import { CallProblem, problem } from "./call-problem.ts";
import type { CallsWorld } from "./guarded-fetch.ts";
import { toRefusedCall } from "./refused-call.ts";

export interface FoundCard {
  card: AgentCard;
  /** As it was served. */
  raw: Json;
  url: URL;
}
const MAX_CARD_BYTES = 256 * 1024;
const WELL_KNOWN = `/${AGENT_CARD_PATH.replace(/^\//, "")}`;
/** Where agents before 0.3 keep it. */
const OLD_WELL_KNOWN = "/.well-known/agent.json";
const resolver = new DefaultAgentCardResolver({ legacyCompat: { enabled: true } });

/** The first card at one of the places where it may be. @throws CallProblem */
export async function fetchCard(world: CallsWorld, connector: A2aConnector, headers: Record<string, string>, signal: AbortSignal): Promise<FoundCard> {
  const places = placesOf(connector);
  for (const [at, url] of places.entries()) {
    const request = { method: "GET" as const, url, headers: { ...headers, accept: "application/json", "a2a-version": "1.0" } };
    const exchanged = await exchange(world.outbound.dispatcher, request, signal, MAX_CARD_BYTES);
    if (!exchanged.ok) throw new CallProblem(exchanged);
    const { status, text } = exchanged.answer;
    if ((status === 404 || status === 405) && at < places.length - 1) continue;
    if (status < 200 || status > 299) throw new CallProblem(toRefusedCall(exchanged.answer, world.clock.now()));
    const parsed = parseAgentJson(text);
    if (!parsed.ok) throw problem("invalid_response", `What ${url.pathname} answers with ${parsed.problem}.`);
    return { card: readCard(parsed.value, url), raw: parsed.value, url };
  }
  throw problem("unavailable", "There is no place where its card could be.");
}

/** Below its own path first: one host may have many agents. */
function placesOf({ url, cardPath }: A2aConnector): URL[] {
  if (cardPath !== undefined) return [joinPath(url, cardPath)];
  const base = parseEndpoint(url);
  if (base.pathname.endsWith(".json")) return [base];
  const ofHost = base.pathname === "/" ? [] : [joinPath(base.origin, WELL_KNOWN)];
  return [joinPath(url, WELL_KNOWN), ...ofHost, joinPath(url, OLD_WELL_KNOWN)];
}

/** @throws CallProblem when it is no card. */
export function readCard(raw: Json, url: URL): AgentCard {
  const shown = `What ${url.pathname} answers with`;
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw problem("invalid_response", `${shown} is not an agent card.`);
  try {
    const card = AgentCard.fromJSON(raw);
    return card.supportedInterfaces.length > 0 ? card : readOldCard(raw);
  } catch (error) {
    throw problem("invalid_response", `${shown} is not an agent card: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
/** Agents leave out more of an old card than its schema lets them. Whatever is older than 0.3 is spoken to as 0.3. */
function readOldCard(raw: { [key: string]: Json }): AgentCard {
  if (typeof raw["url"] !== "string") throw new Error("it names no interface");
  const skills = Array.isArray(raw["skills"]) ? raw["skills"].map((skill) => ({ tags: [], ...(skill as object) })) : [];
  const lists = { defaultInputModes: [], defaultOutputModes: [], capabilities: {} };
  return resolver.normalizeAgentCard({ ...lists, ...raw, skills, protocolVersion: "0.3" });
}

/** A skill can be asked for by its id and by its name. */
export function toDiscovery({ card, raw }: FoundCard): Discovery {
  const capabilities = card.skills.flatMap(({ id, name, tags }) => {
    const technologies = tags.filter(isLabel).slice(0, 100);
    return [...new Set([id, name])].filter(isLabel).map((name) => ({ name, technologies }));
  });
  const { description } = card;
  return { ...(description ? { description } : {}), capabilities: oneEach(capabilities), detail: raw };
}
const isLabel = (text: unknown): text is string => typeof text === "string" && text.trim() !== "" && text.length <= 200;
/** Names that differ in case and `-`, `_` alone are one capability. */
function oneEach<Capability extends { name: string }>(capabilities: Capability[]): Capability[] {
  const keyOf = ({ name }: Capability): string => name.toLowerCase().replaceAll(/[\s_-]+/g, "_");
  return capabilities.filter((one, at) => capabilities.findIndex((other) => keyOf(other) === keyOf(one)) === at);
}

/** Whether it takes JSON beside text. */
export const takesData = ({ defaultInputModes: modes }: AgentCard): boolean => modes.length === 0 || modes.some((mode) => /json|^\*\/\*$|^data$/i.test(mode));

/** @throws Refusal `unavailable` */
export function toRefusal(error: unknown): never {
  if (error instanceof CallProblem) throw new Refusal("unavailable", `The agent does not say what it can do: ${error.message}`);
  throw error;
}
