// The dial-in agent at the other end of a live socket, if there is one: its frames, handed to the dial-in door.
import { Refusal, type ServerFrame } from "@baton/contract";
import type { AgentLink, AttachFrame, DialinDoor } from "./dialin-door.ts";
import type { AgentFrame } from "./live-frames.ts";
import type { LiveMail, MailFrame } from "./live-mail.ts";

export class LiveAgent {
  readonly #door: DialinDoor;
  readonly #send: (frame: ServerFrame) => void;
  readonly #close: () => void;
  readonly #mail: LiveMail;
  #agent: { id: string; link: AgentLink } | undefined;

  constructor(door: DialinDoor, mail: LiveMail, send: (frame: ServerFrame) => void, close: () => void) {
    this.#mail = mail;
    this.#door = door;
    this.#send = send;
    this.#close = close;
  }

  /** @throws Refusal */
  async handle(frame: AgentFrame | MailFrame): Promise<void> {
    if (frame.type === "agent.attach") return this.#attach(frame);
    if (frame.type === "agent.detach") return this.detach();
    if (this.#agent === undefined) throw new Refusal("conflict", `${frame.type} was sent before agent.attach.`);
    const { id, link } = this.#agent;
    if (frame.type === "messages.take" || frame.type === "messages.settle" || frame.type === "message.send") return this.#mail.handle(id, frame);
    const held = { attemptId: frame.attemptId, fence: frame.fence };
    if (frame.type === "attempt.accepted") return this.#door.accepted(id, link, held);
    if (frame.type === "attempt.progressed") return this.#door.progressed(id, link, held, frame.progress);
    if (frame.type === "attempt.updated") return this.#door.updated(id, link, held, frame.updates);
    if (frame.type === "attempt.asked") return this.#door.asked(id, link, held, frame.askId, frame.question);
    const recorded = await this.#door.ended(id, link, held, frame.outcome);
    this.#send({ type: "attempt.recorded", attemptId: held.attemptId, ...recorded });
  }

  /** Also when the socket closed; does nothing when no agent is attached. */
  async detach(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await this.#mail.close();
    if (agent) await this.#door.detach(agent.id, agent.link);
  }

  async #attach(frame: AttachFrame): Promise<void> {
    if (this.#agent) throw new Refusal("conflict", "This connection already speaks for an agent; detach first, or open another.");
    // The door may hand out work before it has returned; the agent must hear first who it is.
    let early: ServerFrame[] | undefined = [];
    const link: AgentLink = {
      send: (out) => {
        if (early) early.push(out);
        else this.#send(out);
      },
      close: this.#close,
    };
    const attached = await this.#door.attach(frame, link);
    this.#agent = { id: attached.agentId, link };
    this.#send({ type: "agent.attached", ...attached });
    for (const out of early) this.#send(out);
    early = undefined;
  }
}
