// The door of the room: programs that this server runs for agents (and for gates and hooks), each as a process group of its own
// with a clean environment, held to its limits, and ended whole: when it ends, when it is told to, and when this server dies.
//
// Limits: memory by looking at the private memory of the group five times a second, backed by RLIMIT_DATA per process; CPU by stopping and
// continuing its processes. Both need Linux's /proc; elsewhere `notEnforced` says so in words. Time is the caller's to keep.
// Not guaranteed: that a process which leaves the session and clears its environment is found; that one which leaves the group ends
// when this server is killed (the rest of the group does).
import type { Agent } from "@baton/contract";
import type { Clock } from "../std/clock.ts";
import { type GuardedRun, signalGroup, startGuarded } from "./guard.ts";
import { openLimitWatch, toDataLimitKib, toProcessLimits } from "./limits.ts";
import { ATTEMPT_MARK, environmentFor } from "./place.ts";
import { killStrays } from "./processes.ts";

export { describeExit, type Ended, type GuardedRun } from "./guard.ts";
export { notEnforced, toProcessLimits } from "./limits.ts";
export { checkProgram, createPlace, findProgram, isDirectory, type Place, SAFE_PATH } from "./place.ts";
export { signalGroup, signalProcess } from "./guard.ts";
export { hasProcesses, killMarked, killStrays, memoryOf, processesOf } from "./processes.ts";

export interface Program {
  /** Absolute, as `findProgram` tells it: nothing is looked up by a shell. */
  command: string;
  args: string[];
  cwd: string;
  /** What is allowed of an environment, on top of PATH and HOME. */
  environment: Record<string, string>;
  path: string;
  home: string;
  resourceLimits: Agent["resourceLimits"];
  /** Every process of it carries this, so that one that leaves its group is found. */
  attemptId: string;
}
export interface Programs {
  /** Starts it. `exceeded` is called in words before it is killed for more than its share of memory. Never throws: a program that cannot start ends with `startError`. */
  start(program: Program, exceeded: (detail: string) => void): GuardedRun;
  /** Holds a group that somebody else started to its limits, until the answer is called; `exceeded` is told in words before it is killed. */
  watch(group: number, limits: Agent["resourceLimits"], exceeded: (detail: string) => void): () => void;
  /** Kills what still runs and resolves when it is gone. */
  close(): Promise<void>;
}

export function openPrograms(clock: Clock): Programs {
  const watch = openLimitWatch(clock);
  const runs = new Set<GuardedRun>();
  return {
    start: (program, exceeded) => {
      const limits = toProcessLimits(program.resourceLimits);
      const run = startGuarded(
        {
          command: program.command,
          args: program.args,
          cwd: program.cwd,
          environment: environmentFor(program.environment, program.path, program.home, program.attemptId),
          dataLimitKib: toDataLimitKib(limits),
        },
        (group) => killStrays(group, `${ATTEMPT_MARK}=${program.attemptId}`),
      );
      const tooMuch = (detail: string): void => {
        exceeded(detail);
        run.kill();
      };
      const unwatch = run.group === undefined ? () => undefined : watch.follow({ group: run.group, guards: run.guards, limits, exceeded: tooMuch });
      runs.add(run);
      void run.ended.then(() => {
        unwatch();
        runs.delete(run);
      });
      return run;
    },
    watch: (group, limits, exceeded) =>
      watch.follow({
        group,
        guards: () => [group],
        limits: toProcessLimits(limits),
        exceeded: (detail) => {
          exceeded(detail);
          signalGroup(group, "SIGKILL");
        },
      }),
    close: async () => {
      for (const run of runs) run.kill();
      await Promise.all([...runs].map((run) => run.ended));
      watch.close();
    },
  };
}
