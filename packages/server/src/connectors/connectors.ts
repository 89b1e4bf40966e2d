// The door of the room: every kind of hands, made once, and found by its kind.
import { type ConnectionResult, type ConnectorSettings, Refusal } from "@baton/contract";
import { type A2aHands, type A2aWorld, openA2aConnector } from "./a2a/a2a.ts";
import { type AcpWorld, openAcpConnector } from "./acp/acp.ts";
import { type ClaudeWorld, openClaudeConnector } from "./claude/claude.ts";
import type { Connector } from "./connector.ts";
import { type DialinConnector, type DialinWorld, openDialinConnector } from "./dialin/dialin.ts";
import { type HttpWorld, openHttpConnector } from "./http/http.ts";
import { openLanggraphConnector } from "./langgraph/langgraph.ts";
import { openMcpConnector } from "./mcp/mcp.ts";
import { openOpenaiConnector } from "./openai/openai.ts";
import { openOutbound, type OutboundSettings } from "./outbound.ts";
import { openPrograms } from "../programs/programs.ts";
import { openProcessConnector, type ProcessWorld } from "./process/process.ts";
import { openTerminalConnector, type TerminalsWorld } from "./terminal/terminal.ts";
import { type VeilWorld, withSecrets } from "./with-secrets.ts";
import { type ConnectionTestInput, testConnection } from "./http/connection-test.ts";

export type { AttemptFrame, DialinConnector } from "./dialin/dialin.ts";

export interface ConnectorsWorld
  extends Omit<HttpWorld, "outbound">,
    Omit<A2aWorld, "outbound">,
    Omit<ProcessWorld, "programs">,
    Omit<ClaudeWorld, "programs">,
    Omit<TerminalsWorld, "programs">,
    Omit<AcpWorld, "programs">,
    DialinWorld {
  /** Where calls to agents may go. */
  outbound: OutboundSettings;
  hiderFor: VeilWorld["hiderFor"];
  /** Of an Ollama, for `openai` agents without a base URL of their own. */
  ollamaUrl?: string | undefined;
}
export interface HttpHands extends Connector {
  /** @throws Refusal `bad_input` when the mapping cannot work; whatever the endpoint does is a result. */
  testConnection(input: ConnectionTestInput): Promise<ConnectionResult>;
}
export interface Connectors {
  /** @throws Refusal `bad_input` for a kind this server has no connector for. */
  get(kind: string): Connector;
  http: HttpHands;
  dialin: DialinConnector;
  a2a: A2aHands;
  /** Ends what still runs, then lets go of every connection. */
  close(): Promise<void>;
}

export function openConnectors(world: ConnectorsWorld): Connectors {
  const outbound = openOutbound(world.outbound);
  const programs = openPrograms(world.clock);
  const httpWorld: HttpWorld = { ...world, outbound };
  const http: HttpHands = { ...withSecrets(world, openHttpConnector(httpWorld)), testConnection: (input) => testConnection(httpWorld, input) };
  const dialin = openDialinConnector(world);
  const a2a = withSecrets(world, openA2aConnector({ ...world, outbound }));
  const byKind: Record<ConnectorSettings["kind"], Connector> = {
    http,
    process: withSecrets(world, openProcessConnector({ ...world, programs })),
    // It comes to us with what it has: nothing is filled in for it.
    dialin,
    claude: withSecrets(world, openClaudeConnector({ ...world, programs })),
    terminal: withSecrets(world, openTerminalConnector({ ...world, programs })),
    langgraph: withSecrets(world, openLanggraphConnector(httpWorld)),
    a2a,
    acp: withSecrets(world, openAcpConnector({ ...world, programs })),
    mcp: withSecrets(world, openMcpConnector({ ...world, outbound, programs })),
    openai: withSecrets(world, openOpenaiConnector({ ...world, outbound, programs })),
  };
  return {
    get: (kind) => {
      if (Object.hasOwn(byKind, kind)) return byKind[kind as ConnectorSettings["kind"]];
      throw new Refusal("bad_input", `There is no connector of kind ${JSON.stringify(kind)}; there are ${Object.keys(byKind).join(", ")}.`);
    },
    http,
    dialin,
    a2a,
    close: async () => {
      await Promise.all(Object.values(byKind).map((connector) => connector.close()));
      await programs.close();
      await outbound.close();
    },
  };
}
