// How an agent's row is changed: under its lock, with its event; `agent-changes.ts` tells every server's copy of the registry.
import { type ConnectorSettings, Refusal } from "@baton/contract";
import type { Connector } from "../connectors/connector.ts";
import type { EventLog, NewEvent } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import type { AgentChanges } from "./agent-changes.ts";
import { type AgentRow, lockAgent, updateAgent } from "./agent-rows.ts";
import type { Registry } from "./registry.ts";

export interface AgentsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  seal: Seal;
  events: EventLog;
  registry: Registry;
  changes: AgentChanges;
  connectorOf(kind: ConnectorSettings["kind"]): Connector;
}
type Changed = { row: AgentRow; event?: NewEvent | undefined } | undefined;
/** Reads, decides and writes one agent under a row lock; `decide` answers undefined when nothing is to be changed. */
export async function changeAgent(world: AgentsWorld, id: string, decide: (stored: AgentRow) => Changed): Promise<void> {
  await world.changes.make(async (tx) => {
    const stored = await lockAgent(tx, id);
    if (!stored || stored.admission === "removed") throw new Refusal("not_found", `There is no agent ${id} any more.`);
    const decided = decide(stored);
    if (!decided) return { id, event: undefined, unchanged: true };
    await updateAgent(tx, { ...decided.row, updated_at: world.clock.now() }, stored.version);
    return { id, event: decided.event ? { ...decided.event, agentId: id } : undefined };
  });
}
