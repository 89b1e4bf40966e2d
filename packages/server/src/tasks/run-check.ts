// Runs the command that checks a step, in the directory where the agent worked. On its stdin it gets one line of JSON: {taskId, stepId, attemptId, output}.
// When this server dies, the attempt, which is running still, is given to another, and the check is run again.
import type { Agent, Json, StepCheck } from "@baton/contract";
import { type CommandRun, type CommandWorld, runCommand } from "../gates/gates.ts";

export type CheckWorld = CommandWorld;
export interface CheckOf {
  check: StepCheck;
  taskId: string;
  stepId: string;
  attemptId: string;
  output: Json;
  resourceLimits: Agent["resourceLimits"];
  /** Where its agent worked, if that is a directory that stays. */
  directory(fallback: string): Promise<string>;
  signal: AbortSignal;
}
export type Checked = CommandRun;

/** Never rejects but for a bug: a command that cannot be run is a check that fails. */
export const runCheck = (world: CheckWorld, { check, taskId, stepId, attemptId, output, ...given }: CheckOf): Promise<Checked> =>
  runCommand(world, {
    command: check.command,
    args: check.args,
    timeoutMs: check.timeoutMs,
    stdin: `${JSON.stringify({ taskId, stepId, attemptId, output })}\n`,
    mark: attemptId,
    ...given,
  });
