// Gates of steps and tasks: what a work tree must pass when a step ends that worked in it. Judged as landings are, in a place of its own, as a commit of everything
// that is tracked or new; the verdict is stored with that very tree before the step counts. Gates that ask somebody are for landings.
import { join } from "node:path";
import type { Gate } from "@baton/contract";
import type { EventLog } from "../events/events.ts";
import { type DefinedGate, judge, recordVerdict, toJudgement } from "../gates/gates.ts";
import { commitWork, getWorkspaceRow, snapshotWorkspace, type WorkspacesWorld } from "../workspaces/workspaces.ts";
import type { Going, WorkDone } from "./going.ts";
import type { CheckWorld } from "./run-check.ts";
import type { StepSpec, TaskSpec } from "./submission.ts";

export type StepGatesWorld = CheckWorld & WorkspacesWorld & { events: EventLog };
export interface JudgedWork {
  passes: boolean;
  reason: string;
  detail: string;
  signature: string;
  isWork: boolean;
  verdictId: string;
}
/** Most have none: their specifications are not even parsed. */
export function gatesOf({ step }: Going): DefinedGate[] {
  const read = (spec: string): readonly Gate[] => (spec.includes('"gates"') ? ((JSON.parse(spec) as StepSpec | TaskSpec).gates ?? []) : []);
  return [
    ...read(step.task_spec).map((gate) => ({ origin: "task" as const, gate })),
    ...read(step.step_spec).map((gate) => ({ origin: "step" as const, gate })),
  ];
}
/** Of work in a workspace. @returns undefined when it was ended meanwhile. */
export async function judgeWork(world: StepGatesWorld, { going, work, abort }: WorkDone, gates: readonly DefinedGate[]): Promise<JudgedWork | undefined> {
  const row = await getWorkspaceRow(world, work.workspace?.id ?? "");
  const { tree, head } = await snapshotWorkspace(world, row, "Before it is judged");
  const commit = await commitWork(world, row, { tree, head }, { message: `Work of ${row.branch}`, author: "Baton" });
  const told = await world.git.run({
    cwd: row.path,
    args: ["merge-base", commit, row.base_branch === null ? row.base_commit : `refs/heads/${row.base_branch}`],
  });
  const base = told.code === 0 ? told.stdout.trim() : row.base_commit;
  const subject = {
    repository: row.repository_path,
    commit,
    tree,
    changes: [{ landingId: null, from: base, to: commit }],
    directory: join(world.checksDirectory, `judged-${world.newId()}`),
    mark: going.attemptId,
  };
  const results = await judge(world, subject, gates, abort.signal);
  if (abort.signal.aborted) return undefined;
  const { passes, reason, state } = toJudgement(gates, results);
  const verdictId = await world.db.transaction(async (tx) => {
    const judged = { repository: row.repository_path, tree, base, gates, results, landingIds: [] };
    const { verdict, event } = await recordVerdict(tx, { newId: world.newId, now: world.clock.now() }, judged);
    await world.events.append(tx, [{ ...event, taskId: work.taskId, stepId: work.stepId, attemptId: going.attemptId }]);
    return verdict.id;
  });
  world.events.committed();
  const failing = results.filter((result) => result.state === "fail" || result.state === "flaky" || result.state === "misconfigured");
  const detail = failing.map(({ name, detail: found }) => (found === "" ? "" : `${name}:\n${found}`)).join("\n\n");
  const signature = failing.map((one) => one.signature ?? one.name).join(" ");
  return { passes, reason, detail, signature, isWork: state !== "misconfigured", verdictId };
}
