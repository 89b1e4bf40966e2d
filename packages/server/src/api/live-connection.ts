// One live socket: its frames (those about one thing in order), what it may have waiting to be sent, and its end.
//
// Two limits hold memory: above SLOW_BYTES unsent, events wait (and give up when that lasts); above DEAD_BYTES the socket
// is cut, whatever it was. A socket that sends faster than it is served is not read from until it is.
import type { Socket } from "node:net";
import { Refusal, type ServerFrame, toProblem } from "@baton/contract";
import type { RawData, WebSocket } from "ws";
import { assertMay, EVERYWHERE, type Identity } from "../access/access.ts";
import type { ApiWorld } from "./api-world.ts";
import { openLanes } from "./lanes.ts";
import { LiveAgent } from "./live-agent.ts";
import { LiveMail } from "./live-mail.ts";
import { mailWithin } from "./mail-door.ts";
import { parseFrame, type QueuedFrame } from "./live-frames.ts";
import { LiveSubscriptions } from "./live-subscriptions.ts";
import { eventsInSight } from "./sight.ts";
import type { Pulse } from "./pulse.ts";

/** What is kept of the request that opened the socket; the rest of it would only take memory on every idle agent. */
interface Peer {
  id: string;
  stream: Socket;
  who: Identity | undefined;
}

const SLOW_BYTES = 256 * 1024;
const DEAD_BYTES = 64 * 1024 * 1024;
const MAX_WAITING_FRAMES = 256;
const SLOW_READER_MS = 5000;
const PONG = JSON.stringify({ type: "pong" } satisfies ServerFrame);
/** The close code "service restart". */
const COME_BACK = 1012;

export class LiveConnection {
  readonly #world: ApiWorld;
  readonly #socket: WebSocket;
  readonly #peer: Peer;
  readonly #agent: LiveAgent;
  readonly #subscriptions: LiveSubscriptions;
  readonly #lanes = openLanes((error) => this.#tell(error));
  #waitingFrames = 0;
  #mailFrames = 0;
  /** Since the last beat. */
  #spoke = true;
  #wasPinged = false;
  #draining: Promise<boolean> | undefined;

  constructor(world: ApiWorld, socket: WebSocket, peer: Peer) {
    this.#world = world;
    this.#socket = socket;
    this.#peer = peer;
    const scope = peer.who?.scope ?? EVERYWHERE;
    this.#agent = new LiveAgent(
      { ...world.dialin, attach: (frame, link) => world.dialin.attach(frame, link, peer.who) },
      new LiveMail(mailWithin(world.mail, world.reach, scope), { send: (frame) => this.send(frame), ready: async () => !this.isBehind || this.caughtUp() }),
      (frame) => this.send(frame),
      () => socket.close(COME_BACK, "Connect again."),
    );
    this.#subscriptions = new LiveSubscriptions(eventsInSight(world.events, world.reach, scope), this);
  }

  open(pulse: Pulse): void {
    const leave = pulse.add({ beat: () => this.#beat(), end: () => undefined });
    this.#socket.on("pong", () => (this.#spoke = true));
    this.#socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on("close", () => {
      leave();
      this.#subscriptions.close();
      this.#lanes.runAlone(() => this.#agent.detach());
    });
  }

  /** Never throws. What is sent to a socket that is closing is dropped. */
  send(frame: ServerFrame): void {
    this.#write(JSON.stringify(frame));
  }
  #write(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > DEAD_BYTES) this.#socket.terminate();
  }

  get isBehind(): boolean {
    return this.#socket.bufferedAmount > SLOW_BYTES;
  }

  /** Whether the reader caught up in time. One wait serves every subscription of the socket. */
  caughtUp(): Promise<boolean> {
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  failed(error: unknown): void {
    this.#world.log.error({ err: error, reference: this.#peer.id }, "something on a live socket failed inside");
  }

  #drain(): Promise<boolean> {
    const { stream } = this.#peer;
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        stream.off("drain", settle);
        this.#socket.off("close", settle);
        resolve(!this.isBehind && this.#socket.readyState === this.#socket.OPEN);
      };
      const timer = setTimeout(settle, this.#world.config.slowReaderMs ?? SLOW_READER_MS);
      stream.once("drain", settle);
      this.#socket.once("close", settle);
    });
  }

  /** Who says nothing for a beat is asked, and given up when nothing comes until the next. */
  #beat(): void {
    if (this.#spoke) this.#wasPinged = false;
    else if (this.#wasPinged) return this.#socket.terminate();
    else {
      this.#wasPinged = true;
      this.#socket.ping();
    }
    this.#spoke = false;
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#spoke = true;
    try {
      const frame = parseFrame(data, isBinary);
      // At once: while the store is slow, the agents must not take the connection for dead and all come back anew.
      if (frame.type === "ping") this.#write(PONG);
      else this.#enqueue(frame);
    } catch (error) {
      this.#tell(error);
    }
  }

  #enqueue(frame: QueuedFrame): void {
    this.#waitingFrames++;
    if (this.#waitingFrames >= MAX_WAITING_FRAMES) this.#socket.pause();
    const job = async () => {
      try {
        await this.#handle(frame);
      } finally {
        this.#waitingFrames--;
        if (this.#waitingFrames < MAX_WAITING_FRAMES / 2) this.#socket.resume();
      }
    };
    if (frame.type === "agent.attach" || frame.type === "agent.detach") this.#lanes.runAlone(job);
    else this.#lanes.run(this.#laneOf(frame), job);
  }

  /** Messages are begun in their order and do not wait for each other: those that come together are stored together. */
  #laneOf(frame: QueuedFrame): string {
    if ("attemptId" in frame) return `attempt ${frame.attemptId}`;
    if (frame.type === "subscribe" || frame.type === "unsubscribe") return "subscriptions";
    return frame.type === "messages.take" ? "messages" : `messages ${++this.#mailFrames}`;
  }
  #tell(error: unknown): void {
    if (!(error instanceof Refusal)) this.failed(error);
    const refusal = error instanceof Refusal ? error : new Refusal("internal", `Something went wrong inside Baton. Its log knows this as ${this.#peer.id}.`);
    this.send({ type: "problem", problem: toProblem(refusal) });
  }

  /** Who opened the socket was known then; what they may is looked at with each frame that begins something. */
  #authorize(frame: QueuedFrame): void {
    const { who } = this.#peer;
    if (who === undefined) return;
    if (frame.type === "subscribe") assertMay(who, "view");
    if (frame.type !== "agent.attach") return;
    assertMay(who, "agent.work");
    if (who.agent !== undefined && who.agent !== frame.agent.name) throw new Refusal("forbidden", `${who.name} may be the agent ${who.agent} and no other.`);
  }
  async #handle(frame: QueuedFrame): Promise<void> {
    this.#authorize(frame);
    if (frame.type === "subscribe") return this.#subscriptions.open(frame);
    if (frame.type === "unsubscribe") return this.#subscriptions.end(frame.id);
    return this.#agent.handle(frame);
  }
}
