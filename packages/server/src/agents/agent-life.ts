// Agents that live between attempts, on this server: what a person does to them, and what stands on their terminals.
import { type AgentAction, type ConnectorSettings, Refusal, type TerminalScreen } from "@baton/contract";
import type { Living } from "../connectors/connector.ts";
import type { Admission } from "./agent-rows.ts";
import type { AgentsWorld } from "./change-agent.ts";
import { type KnownAgent, toConnectorAgent } from "./to-agent.ts";

type LifeWorld = Pick<AgentsWorld, "connectorOf" | "seal">;

export const livingOf = (world: LifeWorld, known: KnownAgent): Living | undefined => world.connectorOf(known.connector.kind).living;
/** What a server that was killed left living here is taken up, or ended where nobody is to use it. */
export async function adoptLiving(world: LifeWorld & Pick<AgentsWorld, "registry">): Promise<void> {
  const wanted = world.registry.all().filter(({ row }) => row.admission !== ("stopped" satisfies Admission));
  const agents = wanted.filter((known) => livingOf(world, known)).map((known) => toConnectorAgent(known, world.seal));
  await world.connectorOf("terminal" satisfies ConnectorSettings["kind"]).living?.adopt(agents);
}
/** @throws Refusal `conflict` for an agent that does not live in a terminal. */
export function livingOrRefuse(world: LifeWorld, known: KnownAgent): Living {
  const living = livingOf(world, known);
  if (living) return living;
  throw new Refusal(
    "conflict",
    `${known.row.name} is reached by ${known.connector.kind}: it does not live in a terminal here. What can be done is pause, resume and drain.`,
  );
}
/** @throws Refusal `conflict` for an agent that is neither a program of ours nor lives in a terminal. */
export function refuseUnlessRestarts(world: LifeWorld, { row, connector: { kind } }: KnownAgent): void {
  if (world.connectorOf(kind).restarts === true) return;
  const why = kind === "mcp" ? "a tool server is begun anew for each use" : "it runs elsewhere, and is restarted where it runs";
  throw new Refusal("conflict", `${row.name} is reached by ${kind}: ${why}. What can be restarted here are agents of kind terminal, process, claude and acp.`);
}
/** @throws Refusal `conflict`, `unavailable`. */
export async function actOnLife(world: LifeWorld, known: KnownAgent, action: AgentAction["action"], graceful: boolean): Promise<void> {
  const living = livingOrRefuse(world, known);
  const agent = toConnectorAgent(known, world.seal);
  if (action === "pause") await living.pause(agent);
  if (action === "resume") await living.resume(agent);
  if (action === "stop" || action === "restart") await living.stop(agent, graceful);
  if (action === "start" || action === "restart") await living.start(agent);
}
export const getTerminal = (world: LifeWorld, known: KnownAgent): Promise<TerminalScreen> =>
  livingOrRefuse(world, known).screen(toConnectorAgent(known, world.seal));
/** @throws Refusal `conflict` when it is not running. */
export async function typeInTerminal(
  world: LifeWorld,
  known: KnownAgent,
  { text, keys }: { text?: string | undefined; keys: readonly string[] },
): Promise<TerminalScreen> {
  await livingOrRefuse(world, known).write(toConnectorAgent(known, world.seal), text, keys);
  return getTerminal(world, known);
}
