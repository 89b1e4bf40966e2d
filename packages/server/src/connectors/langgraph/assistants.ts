// What a LangGraph server says of itself: its assistants, and whether it is well.
import { type Json, Refusal } from "@baton/contract";
import type { Discovery, Observation } from "../connector.ts";
import { isObject, type JsonObject, toList } from "./message.ts";
import type { LanggraphWorld, Reach } from "./reach.ts";

const DISCOVERY_MS = 30_000;
const DISCOVERY_BYTES = 1024 * 1024;
const PROBE_MS = 10_000;
const PROBE_BYTES = 64 * 1024;
const SHOWN = 100;

/** @throws Refusal `unavailable` when the server does not answer, or does not have the assistant. */
export async function discover(reach: Reach, wanted: string): Promise<Discovery> {
  const called = await reach.call("POST", "/assistants/search", { limit: SHOWN, offset: 0 }, AbortSignal.timeout(DISCOVERY_MS), DISCOVERY_BYTES);
  if (!called.ok) throw new Refusal("unavailable", `The server does not list its assistants: ${called.detail}`);
  const all = toList(called.value);
  const assistant =
    all.find((one) => one["assistant_id"] === wanted) ?? all.find((one) => one["graph_id"] === wanted) ?? all.find((one) => one["name"] === wanted);
  if (assistant === undefined) {
    const named = all.map((one) => textOr(one["graph_id"], "?")).join(", ");
    throw new Refusal("unavailable", `The server has no assistant or graph ${JSON.stringify(wanted)}; it has ${named === "" ? "none" : named}.`);
  }
  const description = textOr(assistant["description"], "");
  return {
    ...(description === "" ? {} : { description }),
    capabilities: toCapabilities(assistant),
    detail: { assistants: all.map(toShown) },
  };
}

/** Those its metadata names, else the graph's name. */
function toCapabilities({ metadata, graph_id }: JsonObject): { name: string }[] {
  const named = isObject(metadata) && Array.isArray(metadata["capabilities"]) ? metadata["capabilities"] : [graph_id];
  return named.flatMap((name) => (typeof name === "string" && name !== "" ? [{ name: name.slice(0, 200) }] : []));
}
const toShown = (one: JsonObject): Json => ({
  assistantId: textOr(one["assistant_id"], ""),
  graphId: textOr(one["graph_id"], ""),
  name: textOr(one["name"], ""),
  description: textOr(one["description"], ""),
});
const textOr = (value: Json | undefined, other: string): string => (typeof value === "string" ? value.slice(0, 1000) : other);

/** GET /ok. A probe that failed to find out says `unknown`, not `critical`. */
export async function observe({ clock }: Pick<LanggraphWorld, "clock">, open: () => Promise<Reach>): Promise<Observation> {
  const startedAt = clock.now();
  const told = (health: Observation["health"], detail: string): Observation => ({ health, detail, responseTimeMs: clock.now() - startedAt });
  try {
    const called = await (await open()).call("GET", "/ok", undefined, AbortSignal.timeout(PROBE_MS), PROBE_BYTES);
    if (called.ok) return told("healthy", `/ok answered HTTP ${called.status}.`);
    const { status } = called;
    if (status === undefined) return told("unknown", called.detail);
    if (status === 404) return told("healthy", "Reachable, but it has no route /ok (HTTP 404).");
    return told(status >= 500 ? "critical" : "degraded", `/ok answered HTTP ${status}.`);
  } catch (error) {
    return told("unknown", error instanceof Error ? error.message : String(error));
  }
}
