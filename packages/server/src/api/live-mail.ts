// The messages of the agent at the other end of a live socket: pushed to it, settled by it, and those it sends.
import { Refusal, type ServerFrame, toProblem } from "@baton/contract";
import type { QueuedFrame } from "./live-frames.ts";
import type { MailDoor, MailFeed } from "./mail-door.ts";

export type MailFrame = Extract<QueuedFrame, { type: "messages.take" | "messages.settle" | "message.send" }>;
export interface MailOutlet {
  send(frame: ServerFrame): void;
  /** Resolves when it reads on; false: it stands still. */
  ready(): Promise<boolean>;
}

export class LiveMail {
  readonly #door: MailDoor;
  readonly #outlet: MailOutlet;
  #feed: MailFeed | undefined;

  constructor(door: MailDoor, outlet: MailOutlet) {
    this.#door = door;
    this.#outlet = outlet;
  }
  /** @throws Refusal */
  async handle(agentId: string, frame: MailFrame): Promise<void> {
    if (frame.type === "message.send") return this.#post(agentId, frame);
    if (frame.type === "messages.settle") return this.#settle(agentId, frame);
    if (this.#feed) throw new Refusal("conflict", "This connection takes its messages already.");
    const { window, holding } = frame;
    this.#feed = await this.#door.open(
      agentId,
      { window, holding },
      { deliver: (message) => this.#outlet.send({ type: "message", message }), ready: () => this.#outlet.ready() },
    );
  }
  async close(): Promise<void> {
    const feed = this.#feed;
    this.#feed = undefined;
    await feed?.close();
  }
  async #settle(agentId: string, { done, failed }: Extract<MailFrame, { type: "messages.settle" }>): Promise<void> {
    await this.#door.settle(agentId, { done, failed });
    this.#outlet.send({ type: "messages.settled", ids: [...done, ...failed.map(({ id }) => id)] });
  }
  async #post(agentId: string, { ref, message }: Extract<MailFrame, { type: "message.send" }>): Promise<void> {
    try {
      this.#outlet.send({ type: "message.stored", ref, message: await this.#door.send(agentId, message) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#outlet.send({ type: "message.refused", ref, problem: toProblem(error) });
    }
  }
}
