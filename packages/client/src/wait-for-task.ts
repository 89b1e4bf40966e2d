// Waits until a task has ended, and tells what happens to it on the way.
import type { Event, Task } from "@baton/contract";
import type { Calls } from "./calls.ts";
import { followEvents } from "./follow-events.ts";
import type { ClientSettings } from "./transport.ts";

export interface WaitOptions {
  signal?: AbortSignal | undefined;
  /** Every event of the task from its beginning, in order, once. */
  onEvent?: ((event: Event) => void) | undefined;
}

const TERMINAL_STATUSES: readonly string[] = ["completed", "failed", "cancelled"] satisfies Task["status"][];
const TERMINAL_EVENTS: readonly string[] = ["task.completed", "task.failed", "task.cancelled"] satisfies Event["type"][];
const hasEnded = (task: Task) => TERMINAL_STATUSES.includes(task.status);

/**
 * Resolves with the task in a terminal status: completed, failed or cancelled.
 * @throws Refusal `not_found`; the reason of `signal` when it aborts first.
 */
export async function waitForTask(settings: ClientSettings, calls: Calls, id: string, options: WaitOptions = {}): Promise<Task> {
  const { signal, onEvent } = options;
  const task = await calls.getTask({ params: { id }, signal });
  if (hasEnded(task)) {
    if (onEvent) await replay(calls, task.id, options);
    return task;
  }
  for await (const event of followEvents(settings, { taskId: task.id, after: 0, signal })) {
    onEvent?.(event);
    if (!TERMINAL_EVENTS.includes(event.type)) continue;
    // The log may tell of an end that a retry has undone since.
    const now = await calls.getTask({ params: { id: task.id }, signal });
    if (hasEnded(now)) return now;
  }
  throw signal?.reason ?? new Error("The stream of events ended although nobody ended it.");
}

async function replay(calls: Calls, id: string, { signal, onEvent }: WaitOptions): Promise<void> {
  for (let after = 0; ; ) {
    const page = await calls.listTaskEvents({ params: { id }, query: { after, limit: 500 }, signal });
    for (const event of page.items) onEvent?.(event);
    if (page.items.length < 500) return;
    after = page.nextCursor;
  }
}
