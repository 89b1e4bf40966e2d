// The client: every route of the contract as a typed call, and the streams on top of them.
import type { AuditEntry, Event, RouteAnswer, Task } from "@baton/contract";
import { type CallInput, type Calls, openCalls } from "./calls.ts";
import { type ExportOptions, exportAudit } from "./export-audit.ts";
import { type FollowOptions, followEvents } from "./follow-events.ts";
import type { ClientSettings } from "./transport.ts";
import { type WaitOptions, waitForTask } from "./wait-for-task.ts";

export type Client = Omit<Calls, "followEvents" | "exportAudit"> & {
  /** A page of the event log. */
  listEvents(input?: CallInput<"followEvents">): Promise<RouteAnswer<"followEvents">>;
  /** Events as they happen: every one once and in order, across broken connections and restarts of the server. */
  followEvents(options?: FollowOptions): AsyncIterable<Event>;
  /** The audit log as it is now, oldest first, however long it is. Its chain is for the caller to verify: `openAuditChain` of the contract. */
  exportAudit(options?: ExportOptions): AsyncGenerator<AuditEntry, void, undefined>;
  /** Resolves with the task once it is completed, failed or cancelled. */
  waitForTask(id: string, options?: WaitOptions): Promise<Task>;
};

/**
 * Every call throws the contract's `Refusal` when the server says no, `Unreachable` when it does not answer.
 *
 *     const client = createClient({ url: "http://127.0.0.1:8000" });
 *     const { id } = await client.submitTask({ body: { description: "Summarise the README", requirements: ["summarise"] } });
 *     const task = await client.waitForTask(id, { onEvent: (event) => console.log(event.type) });
 */
export function createClient(settings: ClientSettings): Client {
  const calls = openCalls(settings);
  const { followEvents: listEvents, exportAudit: _, ...plain } = calls;
  return {
    ...plain,
    listEvents,
    followEvents: (options) => followEvents(settings, options),
    exportAudit: (options) => exportAudit(settings, options),
    waitForTask: (id, options) => waitForTask(settings, calls, id, options),
  };
}
