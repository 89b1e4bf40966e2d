// What an agent is at, for a checkpoint: its task and step and what of it is still to come, what was said in its work so far, what it ran and used, its
// environment, and the conversation it can be asked to go on with.
import type { Update } from "@baton/contract";
import { type KnownAgent, toConnectorAgent } from "../agents/agents.ts";
import { iso } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import type { AgentState } from "../workspaces/workspaces.ts";
import type { StepSpec } from "./submission.ts";
import { selectQueue, selectTold, type ToldRow } from "./told-rows.ts";
import { selectUpdates } from "./update-rows.ts";

const MAX_SAID = 4000;
const MAX_COMMANDS = 50;
const MAX_UPDATES = 1000;

/** @param attemptIds those of the agent in one work tree, oldest first; the last may be running. */
export async function readAgentState(
  world: { db: Db; seal: Seal },
  known: KnownAgent,
  attemptIds: readonly string[],
  workingDirectory: string,
): Promise<AgentState> {
  const told = await selectTold(world.db, attemptIds);
  const last = told.at(-1);
  const current = last?.state === "running" ? last : undefined;
  const updates = last ? await readUpdates(world.db, last.id) : [];
  return {
    agentId: known.row.id,
    taskId: last?.task_id ?? null,
    stepId: last?.step_id ?? null,
    attemptId: last?.id ?? null,
    conversation: conversationOf(told),
    environment: toConnectorAgent(known, world.seal).environment,
    state: {
      workingDirectory,
      currentTask: current
        ? {
            id: current.task_id,
            title: current.title,
            description: current.description,
            stepId: current.step_id,
            attemptId: current.id,
            startedAt: iso(current.started_at),
            progress: current.progress === null ? null : ((JSON.parse(current.progress) as { message?: string }).message ?? null),
          }
        : null,
      queue: last ? (await selectQueue(world.db, last.task_id)).map((step) => ({ stepId: step.step_id, title: titleOf(step) })) : [],
      context: { recentCommands: commandsIn(updates), conversationHistory: told.flatMap(toHistory) },
      metrics: { commandsExecuted: countCommands(updates), tokensUsed: tokensOf(told), apiCalls: null },
    },
  };
}
const titleOf = ({ spec, title }: { spec: string; title: string }): string => (JSON.parse(spec) as StepSpec).title ?? title;
const readUpdates = async (db: Db, attemptId: string): Promise<Update[]> =>
  (await selectUpdates(db, attemptId, 0, MAX_UPDATES)).map((row) => JSON.parse(row.data) as Update);
const commandsIn = (updates: readonly Update[]): string[] =>
  updates
    .flatMap((one) => (one.kind === "tool" && one.toolKind === "execute" && one.title !== undefined ? [one.title.slice(0, 500)] : []))
    .slice(-MAX_COMMANDS);
const countCommands = (updates: readonly Update[]): number =>
  new Set(updates.flatMap((one) => (one.kind === "tool" && one.toolKind === "execute" ? [one.callId] : []))).size;

const outcomeOf = ({ outcome }: ToldRow) =>
  outcome === null ? undefined : (JSON.parse(outcome) as { conversation?: string; usage?: { inputTokens: number | null; outputTokens: number | null } });
const conversationOf = (told: readonly ToldRow[]): string | null =>
  told.map(outcomeOf).findLast((outcome) => outcome?.conversation !== undefined)?.conversation ?? null;
function tokensOf(told: readonly ToldRow[]): number | null {
  const known = told.flatMap((one) => {
    const { inputTokens = null, outputTokens = null } = outcomeOf(one)?.usage ?? {};
    return inputTokens === null && outputTokens === null ? [] : [(inputTokens ?? 0) + (outputTokens ?? 0)];
  });
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}
/** What it was asked, and what came of it. */
function toHistory(row: ToldRow): AgentState["state"]["context"]["conversationHistory"] {
  const asked = (JSON.parse(row.spec) as StepSpec).description ?? row.description;
  const said =
    row.ended_at === null || row.output === null ? [] : [{ role: "assistant" as const, content: plainOutput(row.output), timestamp: iso(row.ended_at) }];
  return [{ role: "user", content: asked.slice(0, MAX_SAID), timestamp: iso(row.started_at) }, ...said];
}
function plainOutput(output: string): string {
  const value: unknown = JSON.parse(output);
  return (typeof value === "string" ? value : output).slice(0, MAX_SAID);
}
