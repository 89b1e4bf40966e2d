// Work on this thread that strangers' patterns could make endless, with an end to it.
import { createContext, Script } from "node:vm";

const timed = new Script("evaluate()");
/** Made once: making one takes a millisecond. */
const lent: { evaluate: () => void } = { evaluate: () => undefined };
const context = createContext(lent);

/**
 * Runs in this realm; the script around it only lends its time limit, which also ends a regular expression.
 * @throws Error `took longer than … ms` when it did; what `work` throws.
 */
export function within<T>(limitMs: number, work: () => T): T {
  let result: T | undefined;
  lent.evaluate = () => {
    result = work();
  };
  try {
    timed.runInContext(context, { timeout: limitMs });
  } catch (error) {
    // The time-out is an error of the script's own realm, for which instanceof is false.
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new TookTooLong(`took longer than ${limitMs} ms`);
    throw error;
  }
  return result as T;
}
export class TookTooLong extends Error {}
