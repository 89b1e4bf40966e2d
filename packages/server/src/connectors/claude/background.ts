// Whether Claude Code, once it has answered, still has something going on: helpers and commands it left in the background. When one of
// them ends it takes another turn by itself, and may then answer better.
import type { Message } from "./messages.ts";

export interface Background {
  take(message: Message): void;
  /** It has answered, and no helper of its own is about to make it say more. */
  isAnswered(): boolean;
  /** How long it may be silent until nothing more is expected of it; undefined while it works. */
  waitMs(): number | undefined;
}

const COMMAND = "local_bash";
/** A command left behind may be a test run or a server that never ends: only the first is worth waiting for, and nothing tells them apart. */
const COMMAND_MS = 60_000;
/** Between the end of what went on and the turn it leads to. */
const TURN_MS = 500;

export function openBackground(): Background {
  const tasks = new Map<string, string>();
  let resting = false;
  let ended = false;
  const isAnswered = (): boolean => resting && [...tasks.values()].every((type) => type === COMMAND);
  return {
    take: (message) => {
      if (message.type === "stream_event" || message.type === "assistant") resting = false;
      if (message.type === "result") resting = true;
      if (message.type !== "system" || message.task_id === undefined) return;
      if (message.subtype === "task_started") tasks.set(message.task_id, message.task_type ?? COMMAND);
      if (message.subtype === "task_notification") {
        tasks.delete(message.task_id);
        ended = true;
      }
    },
    isAnswered,
    waitMs: () => {
      if (!isAnswered()) return undefined;
      if (tasks.size > 0) return COMMAND_MS;
      return ended ? TURN_MS : 0;
    },
  };
}
