// What a tool server has: its tools as capabilities, and what it lists, to be shown.
import { type Json, type McpConnector, Refusal } from "@baton/contract";
import type { Client, Tool } from "@modelcontextprotocol/client";
import { toStorableJson } from "../agent-text.ts";
import type { ConnectorAgent, Discovery } from "../connector.ts";
import { isFailure, type ToolServer } from "../tool-servers.ts";
import { type McpWorld, visit } from "./visit.ts";

const DISCOVERY_TIMEOUT_MS = 28_000;
const MAX_DETAIL = 256 * 1024;
const MAX_CAPABILITIES = 200;
const MAX_NAME = 200;
const MAX_WORDS = 500;

/** @throws Refusal `unavailable` when it does not say. */
export async function discover(world: McpWorld, agent: ConnectorAgent, settings: McpConnector): Promise<Discovery> {
  const found = await visit(world, agent, settings, DISCOVERY_TIMEOUT_MS, describe);
  if (isFailure(found)) throw new Refusal("unavailable", found.detail);
  return found;
}

async function describe({ client, tools }: ToolServer, signal: AbortSignal): Promise<Discovery> {
  const can = client.getServerCapabilities() ?? {};
  const resources = can.resources === undefined ? [] : (await client.listResources(undefined, { signal })).resources;
  const prompts = can.prompts === undefined ? [] : (await client.listPrompts(undefined, { signal })).prompts;
  const capabilities = tools.filter((tool) => tool.name.length <= MAX_NAME).map((tool) => ({ name: toStorableJson(tool.name) as string }));
  return {
    description: descriptionOf(client),
    capabilities: capabilities.slice(0, MAX_CAPABILITIES),
    detail: bounded({
      tools: tools.map(toolDetail),
      resources: resources.map(({ uri, name, description = "", mimeType = "" }) => ({ uri, name, description: description.slice(0, MAX_WORDS), mimeType })),
      prompts: prompts.map(({ name, description = "" }) => ({ name, description: description.slice(0, MAX_WORDS) })),
    }),
  };
}

const toolDetail = ({ name, description = "", inputSchema, annotations = {} }: Tool): Json => ({
  name,
  description: description.slice(0, MAX_WORDS),
  inputSchema: JSON.parse(JSON.stringify(inputSchema)) as Json,
  annotations: JSON.parse(JSON.stringify(annotations)) as Json,
});

function descriptionOf(client: Client): string | undefined {
  const said = client.getInstructions() ?? client.getServerVersion()?.title ?? client.getServerVersion()?.name;
  return said === undefined ? undefined : (toStorableJson(said.slice(0, 4_000)) as string);
}

/** Lists are halved, the longest first, until the whole fits; how much was left out is said. */
function bounded(lists: Record<string, Json[]>): Json {
  const kept: Record<string, Json[]> = { ...lists };
  const size = (): number => Buffer.byteLength(JSON.stringify(kept));
  while (size() > MAX_DETAIL - 1_000) {
    const [name = ""] = Object.keys(kept).toSorted((a, b) => JSON.stringify(kept[b]).length - JSON.stringify(kept[a]).length);
    const longest = kept[name] ?? [];
    kept[name] = longest.slice(0, Math.floor(longest.length / 2));
  }
  const left = Object.entries(lists).map(([name, all]) => [name, all.length - (kept[name]?.length ?? 0)] as const);
  return toStorableJson({ ...kept, leftOut: Object.fromEntries(left.filter(([, count]) => count > 0)) });
}
