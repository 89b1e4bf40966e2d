// The messages of a dial-in agent: taken as they come, settled until the server says that this is stored, and those it sends, kept until the
// server has stored them. All of it outlives connections.
import { type ClientFrame, type DeliveredMessage, type Message, Refusal, type RefusalCode, type ServerFrame } from "@baton/contract";
import { type MessageToSend, type SendFrame, type TakeMessage, Unverified } from "./message-to-send.ts";
import type { Signer } from "./signing.ts";
import { reasonOf } from "./unreachable.ts";

type MailFrame = Extract<ServerFrame, { type: "message" | "messages.settled" | "message.stored" | "message.refused" }>;
type Settled = { failed: undefined } | { failed: string; final: boolean };

const WINDOW = 32;
const AT_ONCE = 500;
export const isMail = (frame: ServerFrame): frame is MailFrame =>
  frame.type === "message" || frame.type === "messages.settled" || frame.type === "message.stored" || frame.type === "message.refused";

export class Mail {
  readonly #tell: (frame: ClientFrame) => void;
  readonly #take: TakeMessage | undefined;
  /** By sender: the end of what is being taken care of. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #inHand = new Set<string>();
  readonly #settled = new Map<string, Settled>();
  readonly #sending = new Map<string, { message: SendFrame["message"]; resolve(message: Message): void; reject(refusal: Refusal): void }>();
  readonly #signer: Promise<Signer> | undefined;
  /** The end of what is being signed: calls in a row are sent in that order. */
  #signing: Promise<unknown> = Promise.resolve();
  #unsaid: string[] = [];

  constructor(tell: (frame: ClientFrame) => void, take: TakeMessage | undefined, signer: Promise<Signer> | undefined) {
    this.#tell = tell;
    this.#take = take;
    this.#signer = signer;
  }

  /** A new connection: what the server has not confirmed is said again. */
  attached(): void {
    if (this.#take) this.#tell({ type: "messages.take", window: WINDOW, holding: [...this.#inHand, ...this.#settled.keys()] });
    this.repeat();
  }

  repeat(): void {
    this.#settle([...this.#settled.keys()]);
    for (const [ref, { message }] of this.#sending) this.#tell({ type: "message.send", ref, message });
  }

  async send(message: MessageToSend): Promise<Message> {
    // With an id of its own, so that it is stored once however often it is said.
    const said = { ...message, id: message.id ?? crypto.randomUUID() };
    const signer = this.#signer;
    if (signer === undefined) return this.#say(said);
    const signed = this.#signing.then(async () => (await signer).sign(said));
    this.#signing = signed.then(
      () => undefined,
      () => undefined,
    );
    return this.#say(await signed);
  }
  #say(said: SendFrame["message"]): Promise<Message> {
    return new Promise((resolve, reject) => {
      const ref = crypto.randomUUID();
      this.#sending.set(ref, { message: said, resolve, reject });
      this.#tell({ type: "message.send", ref, message: said });
    });
  }

  receive(frame: MailFrame): void {
    if (frame.type === "message") return this.#begin(frame.message);
    if (frame.type === "messages.settled") {
      for (const id of frame.ids) this.#settled.delete(id);
      return;
    }
    const waiting = this.#sending.get(frame.ref);
    this.#sending.delete(frame.ref);
    if (frame.type === "message.stored") waiting?.resolve(frame.message);
    else waiting?.reject(new Refusal(frame.problem.code as RefusalCode, frame.problem.detail));
  }

  close(refusal: Refusal): void {
    for (const { reject } of this.#sending.values()) reject(refusal);
    this.#sending.clear();
  }

  #begin(message: DeliveredMessage): void {
    const { id, senderId } = message;
    if (this.#inHand.has(id) || this.#settled.has(id)) return;
    this.#inHand.add(id);
    const lane = (this.#lanes.get(senderId) ?? Promise.resolve()).then(() => this.#carryOut(message));
    this.#lanes.set(senderId, lane);
    void lane.then(() => {
      if (this.#lanes.get(senderId) === lane) this.#lanes.delete(senderId);
    });
  }
  async #carryOut(message: DeliveredMessage): Promise<void> {
    let settled: Settled = { failed: undefined };
    try {
      await this.#take?.(message);
    } catch (error) {
      settled = { failed: reasonOf(error).slice(0, 1000), final: error instanceof Unverified };
    }
    this.#inHand.delete(message.id);
    this.#settled.set(message.id, settled);
    // What is done in one go is said in one go.
    if (this.#unsaid.push(message.id) === 1) queueMicrotask(() => this.#settle(this.#unsaid.splice(0)));
  }
  #settle(ids: readonly string[]): void {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE).map((id) => ({ id, settled: this.#settled.get(id) }));
      const done = some.filter(({ settled }) => settled && settled.failed === undefined).map(({ id }) => id);
      const failed = some.flatMap(({ id, settled }) => (settled?.failed === undefined ? [] : [{ id, reason: settled.failed, final: settled.final }]));
      this.#tell({ type: "messages.settle", done, failed });
    }
  }
}
