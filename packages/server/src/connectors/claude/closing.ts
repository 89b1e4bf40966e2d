// How a process of Claude Code is brought to its end: gently when it has answered, and in time when it must stop.
import type { GuardedRun } from "../../programs/programs.ts";
import type { Background } from "./background.ts";

/** For its own end of an interrupted turn, then for the signal: together well within the 2 s an attempt has. */
const INTERRUPT_MS = 250;
const KILL_MS = 1_400;
/** After its answer it ends by itself when its input does; it may talk on, but not hang. */
const QUIET_MS = 5_000;

export interface Closing {
  /** It has said something. Once it has answered, and nothing goes on, its input is ended, and then it itself. */
  heard(): void;
  now(): void;
  /** It is being ended by force. */
  isForced(): boolean;
  release(): void;
}
export function openClosing(run: GuardedRun, background: Background): Closing {
  const timers: NodeJS.Timeout[] = [];
  let quiet: NodeJS.Timeout | undefined;
  let forced = false;
  const force = (): void => {
    forced = true;
    run.stop();
  };
  const endInput = (): void => {
    run.stdin.end();
    quiet = setTimeout(force, QUIET_MS);
  };
  return {
    heard: () => {
      clearTimeout(quiet);
      const wait = background.waitMs();
      if (wait === 0 || (wait !== undefined && !run.stdin.writable)) endInput();
      else if (wait !== undefined) quiet = setTimeout(endInput, wait);
    },
    now: () => {
      if (forced) return;
      forced = true;
      run.stdin.end();
      timers.push(setTimeout(run.stop, INTERRUPT_MS), setTimeout(run.kill, KILL_MS));
    },
    isForced: () => forced,
    release: () => {
      for (const timer of [...timers, quiet]) clearTimeout(timer);
    },
  };
}
