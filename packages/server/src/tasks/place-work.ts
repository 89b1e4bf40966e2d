// Work in a workspace: what its agent is at there, and what it is handed where the work tree was set back.
import type { WholeCheckpoint, Work, WorkPlace } from "@baton/contract";
import type { KnownAgent } from "../agents/agents.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { type AgentState, readUndone, readVisits, toWholeCheckpoint } from "../workspaces/workspaces.ts";
import { readAgentState } from "./agent-state.ts";
import { selectTold } from "./told-rows.ts";

interface PlaceWorld {
  db: Db;
  seal: Seal;
}
const MAX_TOLD = 20_000;

export async function stateIn(world: PlaceWorld, known: KnownAgent, { id, path }: { id: string; path: string }): Promise<AgentState> {
  const visits = await readVisits(world, { agentId: known.row.id, workspaceId: id }, 50);
  return readAgentState(
    world,
    known,
    visits.map((visit) => visit.attempt_id),
    path,
  );
}
/** The work as it is handed over in a workspace. Where it was set back, what its agent said since is not gone on with. */
export async function inPlace(world: PlaceWorld, work: Work, place: WorkPlace, agentId: string): Promise<Work> {
  const placed = { ...work, workspace: place };
  const undone = await readUndone(world, place.id);
  if (!undone || work.conversation === undefined) return placed;
  const visits = await readVisits(world, { agentId, workspaceId: place.id }, 500);
  const spoiled = visits.filter(({ entered_at }) => undone.times.some(([from, to]) => entered_at >= from && entered_at < to)).map((one) => one.attempt_id);
  const isSpoiled = (await selectTold(world.db, spoiled)).some(
    ({ outcome }) => outcome !== null && (JSON.parse(outcome) as { conversation?: string }).conversation === work.conversation,
  );
  if (!isSpoiled) return placed;
  const { conversation: _, ...fresh } = placed;
  return { ...fresh, description: `${toldBefore(toWholeCheckpoint(world, undone.checkpoint))}\n\n${work.description}` };
}
function toldBefore({ createdAt, state }: WholeCheckpoint): string {
  const said = state.context.conversationHistory.map(({ role, content }) => `${role === "user" ? "Asked" : "You"}: ${content}`).join("\n\n");
  const head = `The work tree was set back to how it was at ${createdAt}; what was done after that is undone, and not in it.`;
  return said === "" ? head : `${head} What was said until then:\n\n${said.slice(-MAX_TOLD)}`;
}
