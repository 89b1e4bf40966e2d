// What one live socket follows. Each subscription reads the log at the pace its reader takes; one that ends by itself, as
// its reader stands still or the log cannot be read, says from where to go on.
import { Refusal, type ServerFrame } from "@baton/contract";
import type { EventsDoor } from "./api-world.ts";
import type { SubscribeFrame } from "./live-frames.ts";

const MAX_SUBSCRIPTIONS = 100;

/** The sending side of the socket. */
export interface Outlet {
  send(frame: ServerFrame): void;
  readonly isBehind: boolean;
  /** Whether the reader caught up in time. */
  caughtUp(): Promise<boolean>;
  /** Told of what is a bug or a failing store. */
  failed(error: unknown): void;
}

interface Subscription {
  frame: SubscribeFrame;
  /** The last event that was sent. */
  cursor: number;
  ended: AbortController;
}

export class LiveSubscriptions {
  readonly #events: EventsDoor;
  readonly #outlet: Outlet;
  readonly #open = new Map<string, Subscription>();
  #isClosed = false;

  constructor(events: EventsDoor, outlet: Outlet) {
    this.#events = events;
    this.#outlet = outlet;
  }

  /** A subscription takes the place of an older one with its id. @throws Refusal */
  async open(frame: SubscribeFrame): Promise<void> {
    this.end(frame.id);
    if (this.#open.size >= MAX_SUBSCRIPTIONS) throw new Refusal("too_many_requests", `A connection may have ${MAX_SUBSCRIPTIONS} subscriptions.`);
    const cursor = frame.after ?? (await this.#events.last());
    if (this.#isClosed) return;
    const subscription = { frame, cursor, ended: new AbortController() };
    this.#open.set(frame.id, subscription);
    this.#outlet.send({ type: "subscribed", id: frame.id, after: cursor });
    void this.#run(subscription);
  }

  end(id: string): void {
    this.#open.get(id)?.ended.abort();
    this.#open.delete(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const id of this.#open.keys()) this.end(id);
  }

  async #run(subscription: Subscription): Promise<void> {
    const { frame, ended } = subscription;
    try {
      await this.#follow(subscription);
    } catch (error) {
      this.#outlet.failed(error);
    }
    if (ended.signal.aborted) return;
    this.end(frame.id);
    this.#outlet.send({ type: "lagged", id: frame.id, after: subscription.cursor });
  }

  async #follow(subscription: Subscription): Promise<void> {
    const { id, taskId, agentId, events: type } = subscription.frame;
    const { signal } = subscription.ended;
    for await (const batch of this.#events.follow({ after: subscription.cursor, filter: { taskId, agentId, type }, signal })) {
      for (const event of batch) {
        if (signal.aborted || (this.#outlet.isBehind && !(await this.#outlet.caughtUp()))) return;
        // The wait may have outlasted the subscription.
        if (signal.aborted) return;
        this.#outlet.send({ type: "event", id, event });
        subscription.cursor = event.seq;
      }
    }
  }
}
