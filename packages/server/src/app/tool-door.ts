// What the door of tools asks of the rooms, and the tokens it is entered by: what is in them is sealed, so that every server that shares the
// store's key reads them, and nobody else makes one. A token is good while its attempt runs.
import type { ToolCaller, ToolsDoor } from "../api/mcp/tools-door.ts";
import { MCP_PATH } from "../api/mcp/mcp.ts";
import type { HandedServer } from "../connectors/connector.ts";
import {
  acknowledgeMessages,
  assertMayRead,
  getResponse,
  listMailboxes,
  type MessagesWorld,
  receiveMessages,
  sendMessage,
  type Voice,
} from "../messages/messages.ts";
import type { Seal } from "../std/seal.ts";
import { isCarriedOut, type TasksWorld } from "../tasks/tasks.ts";

/** What is read and not acknowledged comes again after this. */
const LEASE_MS = 60_000;
const MARK = "baton_attempt_";
interface Meant {
  use: "attempt tools";
  attemptId: string;
  agentId: string;
}

/** Baton's own tool server, for an attempt of an agent that is handed it. */
export function toOwnTools(seal: Seal, url: string, { attemptId, agentId }: { attemptId: string; agentId: string }): HandedServer {
  const meant: Meant = { use: "attempt tools", attemptId, agentId };
  const token = MARK + Buffer.from(seal.seal(JSON.stringify(meant))).toString("base64url");
  return { name: "baton", url: new URL(MCP_PATH, url).href, headers: { authorization: `Bearer ${token}` }, handed: { resources: [], resourceLimits: {} } };
}
function readToken(seal: Seal, token: string): Meant | undefined {
  if (!token.startsWith(MARK)) return undefined;
  try {
    const meant = JSON.parse(seal.open(Buffer.from(token.slice(MARK.length), "base64url").toString())) as Meant;
    return meant.use === "attempt tools" ? meant : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

export function openToolsDoor(world: MessagesWorld & Pick<TasksWorld, "db">): ToolsDoor {
  /** Of others' agents and mailboxes it reaches those that all projects share. */
  const scopeOf = (agentId: string): { projects: string[] } => {
    const project = world.registry.find(agentId)?.row.project_id;
    return { projects: project ? [project] : [] };
  };
  const asAgent = ({ agentId, name }: ToolCaller): Voice => ({ name, kind: "key", role: "agent", rights: [], agent: agentId, scope: scopeOf(agentId) });
  return {
    callerOf: async (token) => {
      const meant = readToken(world.seal, token);
      const known = meant && world.registry.find(meant.agentId);
      if (!meant || !known || !(await isCarriedOut(world, meant.attemptId, meant.agentId))) return undefined;
      return { agentId: meant.agentId, name: known.row.name };
    },
    recipients: async ({ agentId }) => {
      const scope = scopeOf(agentId);
      const isThere = (project: string | null): boolean => project === null || scope.projects.includes(project);
      const agents = world.registry.all().filter(({ row }) => row.id !== agentId && row.admission !== "removed" && isThere(row.project_id));
      const { items } = await listMailboxes(world, scope, { limit: 500, offset: 0 });
      return [
        ...agents.slice(0, 500).map(({ row, capabilities }) => ({
          name: row.name,
          kind: "agent" as const,
          description: row.description,
          capabilities: capabilities.map(({ name }) => name),
        })),
        ...items.map(({ name, description }) => ({ name, kind: "mailbox" as const, description, capabilities: [] })),
      ];
    },
    send: async (caller, input) => (await sendMessage(world, input, asAgent(caller))).message,
    receive: ({ agentId }, { limit, waitMs }) => receiveMessages(world, agentId, { limit, waitMs, leaseMs: LEASE_MS }),
    acknowledge: ({ agentId }, settled) => acknowledgeMessages(world, agentId, settled),
    answerTo: async (caller, requestId, waitMs) => {
      await assertMayRead(world, asAgent(caller), requestId);
      return getResponse(world, requestId, waitMs, asAgent(caller));
    },
  };
}
