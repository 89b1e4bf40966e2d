// Couriers: bring messages to agents that neither connect nor fetch them. One at a time for each agent, taken from its mailbox as by anybody
// else, and acknowledged when the agent has it: by its webhook, or as a turn, which is a task for it that waits until it is idle.
// Every server has them; what one has taken is its own until it is settled, and another's when its lease is over.
import type { DeliveredMessage, MessageWay } from "@baton/contract";
import { toConnectorAgent } from "../agents/agents.ts";
import { extendInHand, listReady } from "../messages/messages.ts";
import type { CouriersWorld } from "./couriers-world.ts";
import { type Brought, bringAsTurn } from "./as-turn.ts";

export interface Couriers {
  close(): Promise<void>;
}
const LEASE_MS = 60_000;
const LOOK_MS = 5000;
/** Kinds that are talked to in turns. */
const TALKERS: readonly string[] = ["acp", "claude", "terminal", "a2a", "langgraph", "openai"];

type Known = NonNullable<ReturnType<CouriersWorld["registry"]["find"]>>;
/** Undefined: whoever it is fetches them. */
function wayTo({ kind, messagesPath }: { kind: string; messagesPath?: string | undefined }, way: MessageWay): "turn" | "webhook" | undefined {
  if (kind === "dialin" || kind === "mcp" || way === "mailbox") return undefined;
  if (way !== "turn" && messagesPath !== undefined) return "webhook";
  return way === "turn" || TALKERS.includes(kind) ? "turn" : undefined;
}
const wayOf = ({ connector, row }: Known): "turn" | "webhook" | undefined => (row.admission === "removed" ? undefined : wayTo(connector, row.messages));

export function openCouriers(world: CouriersWorld): Couriers {
  const { post, wakes } = world.messaging;
  const stopping = new AbortController();
  const onTheWay = new Map<string, Promise<void>>();
  const again = new Set<string>();

  function go(agentId: string): void {
    if (stopping.signal.aborted) return;
    if (onTheWay.has(agentId)) return void again.add(agentId);
    const known = world.registry.find(agentId);
    if (known === undefined || wayOf(known) === undefined || readsItself(known)) return;
    const way = bringAll(agentId)
      .catch((error: unknown) => world.log.warn({ error: String(error), agentId }, "messages could not be brought to an agent; the next look follows"))
      .finally(() => {
        onTheWay.delete(agentId);
        if (again.delete(agentId)) go(agentId);
      });
    onTheWay.set(agentId, way);
  }
  /** At work, with tools to read what it is sent. What is left is brought when it is idle. */
  const readsItself = ({ row }: Known): boolean => row.messages === "tools" && world.registry.loadOf(row.id).active > 0;
  async function bringAll(agentId: string): Promise<void> {
    for (;;) {
      const known = world.registry.find(agentId);
      const way = known && wayOf(known);
      if (known === undefined || way === undefined || stopping.signal.aborted || world.dispatcher.lease() === undefined) return;
      const [message] = await post.receive({ recipientId: agentId, limit: 1, leaseMs: LEASE_MS });
      if (message === undefined) return;
      const brought = await bring(known, way, message);
      // Left as it is: its lease runs out, and whoever takes it then finds what was begun.
      if (brought === "unfinished") return;
      const failed = brought === undefined ? [] : [{ id: message.id, ...brought }];
      await post.settle({ recipientId: agentId, done: brought === undefined ? [message.id] : [], failed });
    }
  }
  async function bring(known: Known, way: "turn" | "webhook", message: DeliveredMessage): Promise<Brought> {
    if (way === "turn") return bringAsTurn(world, known.row, message, stopping.signal);
    const reason = await world.connectorOf(known.connector.kind).tell?.(toConnectorAgent(known, world.seal), message);
    return reason === undefined ? undefined : { reason: reason.slice(0, 1000), final: false };
  }
  async function look(): Promise<void> {
    try {
      await extendInHand(world, [...onTheWay.keys()], LEASE_MS);
      const waited = world.registry.all().filter((known) => wayOf(known) !== undefined && !readsItself(known) && !onTheWay.has(known.row.id));
      for (const id of await listReady(
        world,
        waited.map(({ row }) => row.id),
      ))
        go(id);
    } catch (error) {
      world.log.warn({ error: String(error) }, "couriers could not look around; the next look follows");
    }
  }
  const unlisten = wakes.listen((ids) => {
    if (ids === undefined) void look();
    else for (const id of ids) go(id);
  });
  let looking = look();
  const timer = setInterval(() => void (looking = look()), LOOK_MS);
  return {
    close: async () => {
      stopping.abort();
      clearInterval(timer);
      unlisten();
      await looking;
      await Promise.all(onTheWay.values());
    },
  };
}
