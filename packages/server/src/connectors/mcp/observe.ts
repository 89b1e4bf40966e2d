// Whether a tool server is well. One behind HTTP is asked. A program is only looked for: it is started when it is needed, and not to be asked.
import type { McpConnector } from "@baton/contract";
import type { ConnectorAgent, Observation } from "../connector.ts";
import { checkToolServer, isFailure } from "../tool-servers.ts";
import { type McpWorld, visit } from "./visit.ts";

const PROBE_TIMEOUT_MS = 9_000;

export async function observe(world: McpWorld, agent: ConnectorAgent, settings: McpConnector): Promise<Observation> {
  const startedAt = world.clock.now();
  const told = (health: Observation["health"], detail: string): Observation => ({ health, detail, responseTimeMs: world.clock.now() - startedAt });
  if ("command" in settings.server) {
    const missing = await checkToolServer(world, settings.server, agent, "connector.server").then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return missing === undefined ? told("unknown", "Its program is there; it is started when a step needs it.") : told("critical", missing);
  }
  const found = await visit(world, agent, settings, PROBE_TIMEOUT_MS, async ({ tools }) => ({ tools: tools.length }));
  if (isFailure(found)) return told(found.kind === "agent_error" ? "critical" : "unknown", found.detail);
  return told("healthy", `It answered, and has ${found.tools} tools.`);
}
