// How an agent's row is changed: under its lock, with its event, and told to every server's copy of the registry.
import { type ConnectorSettings, Refusal } from "@baton/contract";
import type { Connector } from "../connectors/connector.ts";
import type { EventLog, NewEvent } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { Db, Tx } from "../store/db.ts";
import { type AgentRow, lockAgent, stampChange, updateAgent } from "./agent-rows.ts";
import type { Registry } from "./registry.ts";

export interface AgentsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  seal: Seal;
  events: EventLog;
  registry: Registry;
  connectorOf(kind: ConnectorSettings["kind"]): Connector;
}
export const AGENTS_CHANNEL = "baton_agents";

type Changed = { row: AgentRow; event?: NewEvent | undefined } | undefined;
/** Reads, decides and writes one agent under a row lock; `decide` answers undefined when nothing is to be changed. */
export async function changeAgent(world: AgentsWorld, id: string, decide: (stored: AgentRow) => Changed): Promise<void> {
  await change(world, async (tx) => {
    const stored = await lockAgent(tx, id);
    if (!stored || stored.admission === "removed") throw new Refusal("not_found", `There is no agent ${id} any more.`);
    const decided = decide(stored);
    if (!decided) return { id, event: undefined, unchanged: true };
    await updateAgent(tx, { ...decided.row, updated_at: world.clock.now() }, stored.version);
    return { id, event: decided.event ? { ...decided.event, agentId: id } : undefined };
  });
}
type Change = { id: string; event: NewEvent | undefined; unchanged?: boolean };
export async function change(world: AgentsWorld, work: (tx: Tx) => Promise<Change>, prepare?: (id: string) => Promise<void>): Promise<string> {
  const { id, unchanged } = await world.db.transaction(async (tx) => {
    const done = await work(tx);
    if (done.unchanged) return done;
    // A change without an event of its own still takes a number: copies of the registry follow by it.
    const seq = await world.events.append(tx, [done.event ?? { type: "agent.updated", agentId: done.id, data: { fields: ["observation"] } }]);
    await stampChange(tx, done.id, seq);
    return done;
  });
  if (unchanged) return id;
  await prepare?.(id);
  await world.registry.refresh();
  world.events.committed();
  world.db.notify(AGENTS_CHANNEL);
  return id;
}
