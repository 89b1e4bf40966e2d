// The client: every route of the contract as a typed call, and the streams on top of them.
import type { Event, RouteAnswer, Task } from "@baton/contract";
import { type CallInput, type Calls, openCalls } from "./calls.ts";
import { type FollowOptions, followEvents } from "./follow-events.ts";
import type { ClientSettings } from "./transport.ts";
import { type WaitOptions, waitForTask } from "./wait-for-task.ts";

export type Client = Omit<Calls, "followEvents"> & {
  /** A page of the event log. */
  listEvents(input?: CallInput<"followEvents">): Promise<RouteAnswer<"followEvents">>;
  /** Events as they happen: every one once and in order, across broken connections and restarts of the server. */
  followEvents(options?: FollowOptions): AsyncIterable<Event>;
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
  const { followEvents: listEvents, ...calls } = openCalls(settings);
  return {
    ...calls,
    listEvents,
    followEvents: (options) => followEvents(settings, options),
    waitForTask: (id, options) => waitForTask(settings, { ...calls, followEvents: listEvents }, id, options),
  };
}
