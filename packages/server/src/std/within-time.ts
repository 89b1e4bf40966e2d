// Runs what strangers' patterns may make endless with a time limit, on this thread.
import { createContext, Script } from "node:vm";

const timed = new Script("evaluate()");
/** Made once: making one takes a millisecond. */
const lent: { evaluate: () => void } = { evaluate: () => undefined };
const context = createContext(lent);

/** Runs in this realm; the script around it only lends its time limit, which also ends a regular expression. @throws what `isTooLong` tells. */
export function withinTime<T>(ms: number, work: () => T): T {
  let result: T | undefined;
  lent.evaluate = () => {
    result = work();
  };
  timed.runInContext(context, { timeout: ms });
  return result as T;
}
/** The time-out is an error of the script's own realm, for which instanceof is false. */
export const isTooLong = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
