// What it means when a program could not be started, or something failed on the way to it.
import { type Failure, fail } from "./time-limit.ts";

/** This machine had no room for another process: that may pass. */
const BUSY = ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC"];
export function toStartFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const busy = error instanceof Error && "code" in error && BUSY.includes(String(error.code));
  return fail(busy ? "unavailable" : "agent_error", message);
}
