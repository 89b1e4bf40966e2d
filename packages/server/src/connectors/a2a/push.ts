// Calls of agents that tell that a task has moved. Such a call is a hint to look: who looks asks the agent, so nothing it brings is believed.
// Each attempt has a secret of its own in the address it gives away; a hint that comes to another server than the attempt's is lost, and the
// slow look that goes on meanwhile finds out.
import { randomBytes, timingSafeEqual } from "node:crypto";

export interface PushDoor {
  /** An address for one attempt, and the wait for the next hint at it. */
  open(attemptId: string): PushLine | undefined;
  /** Whether somebody waits behind this token. */
  onPush(token: string): boolean;
}
export interface PushLine {
  url: string;
  token: string;
  /** Resolves at the next hint, at once when one came since the last look, or after `ms`. Rejects when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}
const PATH = "/api/v1/a2a/push/";

/** @param publicUrl how agents reach this server; without it there is no line. */
export function openPushDoor(publicUrl: string | undefined): PushDoor {
  const lines = new Map<string, { secret: Buffer; hint(): void }>();
  return {
    open: (attemptId) => (publicUrl === undefined ? undefined : openLine(attemptId, publicUrl)),
    onPush: (token) => {
      const [attemptId = "", secret = ""] = token.split("~");
      const line = lines.get(attemptId);
      const given = Buffer.from(secret);
      if (line === undefined || given.length !== line.secret.length || !timingSafeEqual(given, line.secret)) return false;
      line.hint();
      return true;
    },
  };

  function openLine(attemptId: string, base: string): PushLine {
    const secret = randomBytes(32).toString("base64url");
    let hinted = false;
    let wake: () => void = () => undefined;
    const hint = (): void => {
      hinted = true;
      wake();
    };
    lines.set(attemptId, { secret: Buffer.from(secret), hint });
    const token = `${attemptId}~${secret}`;
    return {
      url: `${base.replace(/\/+$/, "")}${PATH}${encodeURIComponent(token)}`,
      token,
      wait: (ms, signal) =>
        new Promise<void>((resolve, reject) => {
          const end = (finish: () => void): void => {
            clearTimeout(timer);
            signal.removeEventListener("abort", abort);
            wake = () => undefined;
            hinted = false;
            finish();
          };
          const abort = (): void => end(() => reject(signal.reason as Error));
          const timer = setTimeout(() => end(resolve), ms);
          signal.addEventListener("abort", abort, { once: true });
          wake = () => end(resolve);
          if (signal.aborted) abort();
          else if (hinted) wake();
        }),
      close: () => void lines.delete(attemptId),
    };
  }
}
