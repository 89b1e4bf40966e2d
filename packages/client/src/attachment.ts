// A dial-in agent's attachment to the server, which outlives its connections.
//
// connecting --opened--> attaching --agent.attached--> attached --connection lost--> waiting (back-off) --> connecting …
// From any of them: closed, by close() or because the server refuses for good.
// Work in hand survives a lost connection: the next attach says what is held, and outcomes are sent until they are recorded.
import { type ClientFrame, LIVE_PATH, type Message, Refusal, type RefusalCode, type ServerFrame, type Work } from "@baton/contract";
import { backoffMs, wait } from "./backoff.ts";
import { type DoWork, type HeldWork, holdWork } from "./held-work.ts";
import { type Link, type OpenLink, toLiveUrl } from "./link.ts";
import { isMail, Mail } from "./mail.ts";
import type { MessageToSend, TakeMessage } from "./message-to-send.ts";
import { toFailure } from "./result.ts";
import { openSigner } from "./signing.ts";
import { reasonOf } from "./unreachable.ts";
import { takeVerified, type Verification } from "./verified-mail.ts";

type AttachFrame = Extract<ClientFrame, { type: "agent.attach" }>;

export interface AttachmentSettings {
  url: string;
  apiKey?: string | undefined;
  agent: AttachFrame["agent"];
  openLink: OpenLink;
  heartbeatMs: number;
  onNotice: (notice: string) => void;
  /** Called for each message, those of one sender one after another. */
  onMessage?: TakeMessage | undefined;
  signingKey?: string | undefined;
  verify?: Verification | undefined;
  attached: (agentId: string) => void;
  /** Once. `refusal`: why the server will not have this agent; absent after close(). */
  closed: (refusal: Refusal | undefined) => void;
}

const BACKOFF = { leastMs: 200, mostMs: 10_000 };
const GOODBYE_MS = 1000;
const CLOSED_REASON = "The agent closed before the work was done.";
/** What may be different the next time; any other refusal is for good. `conflict`: an older connection of this name. */
const PASSING: readonly RefusalCode[] = ["conflict", "too_many_requests", "internal", "unavailable"];

export class Attachment {
  readonly #settings: AttachmentSettings;
  readonly #doWork: DoWork;
  readonly #held = new Map<string, HeldWork>();
  readonly #mail: Mail;
  readonly #emptyHanded = new AbortController();
  /** Of the agent, once the server has told. */
  #agentId: string | undefined;
  #link: Link | undefined;
  #isAttached = false;
  #isClosing = false;
  #isClosed = false;
  #isAwaitingSign = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: AttachmentSettings, doWork: DoWork) {
    this.#settings = settings;
    this.#doWork = doWork;
    const { url, apiKey, agent, onMessage, signingKey, verify = {} } = settings;
    const names = (): string[] => [agent.name, ...(this.#agentId === undefined ? [] : [this.#agentId])];
    const take = onMessage && takeVerified({ url, apiKey }, names, verify, onMessage);
    const signer = signingKey === undefined ? undefined : openSigner(signingKey);
    // Whoever sends is told; an agent that only listens has no use for it.
    signer?.catch(() => undefined);
    this.#mail = new Mail((frame) => this.#whenAttached(frame), take, signer);
  }

  /** Resolves when the server has stored it; a server that is away is waited for. @throws Refusal */
  sendMessage(message: MessageToSend): Promise<Message> {
    if (this.#isClosing) return Promise.reject(new Refusal("unavailable", CLOSED_REASON));
    return this.#mail.send(message);
  }

  connect(): void {
    const { url, apiKey, openLink } = this.#settings;
    const link = openLink(
      { url: toLiveUrl(url, LIVE_PATH), apiKey },
      {
        opened: () => this.#attach(),
        received: (text) => {
          if (this.#link === link) this.#read(text);
        },
        closed: ({ detail, refusal }) => {
          if (this.#link === link) this.#lost(detail, refusal);
        },
      },
    );
    this.#link = link;
  }

  /** Takes nothing new, ends what runs, hands over what came of it within `graceMs`, then detaches. */
  async close(graceMs: number): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const held of this.#held.values()) if (held.outcome === undefined) held.abort("unavailable", CLOSED_REASON);
    if (!this.#isAttached) return this.#finish(undefined);
    if (this.#held.size > 0) await wait(graceMs, this.#emptyHanded.signal);
    for (const held of this.#held.values()) if (held.outcome === undefined) this.#sendOutcome(held, toFailure("unavailable", CLOSED_REASON));
    this.#send({ type: "agent.detach" });
    this.#link?.close();
    this.#schedule(GOODBYE_MS, () => this.#finish(undefined));
  }

  #attach(): void {
    const holding = [...this.#held.values()].map(({ attemptId, fence }) => ({ attemptId, fence }));
    this.#send({ type: "agent.attach", agent: this.#settings.agent, holding });
    this.#isAwaitingSign = false;
    this.#beat();
  }

  /** Each heartbeat asks for a sign of life; a link that gave none since the last one is dead. Also sends again what nobody confirmed. */
  #beat(): void {
    this.#schedule(this.#settings.heartbeatMs, () => {
      if (this.#isAwaitingSign) return this.#link?.terminate();
      this.#isAwaitingSign = true;
      this.#send({ type: "ping" });
      if (this.#isAttached) {
        this.#sendOutcomes();
        this.#mail.repeat();
      }
      this.#beat();
    });
  }

  #read(text: string): void {
    this.#isAwaitingSign = false;
    try {
      this.#receive(JSON.parse(text) as ServerFrame);
    } catch (error) {
      this.#settings.onNotice(`The server said what this agent does not understand: ${reasonOf(error)}`);
      this.#link?.terminate();
    }
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === "agent.attached") this.#attached(frame);
    else if (frame.type === "attempt.start") this.#take(frame.work);
    else if (frame.type === "attempt.cancel") this.#held.get(frame.attemptId)?.abort("cancelled", frame.reason);
    else if (frame.type === "attempt.answered") this.#held.get(frame.attemptId)?.answer(frame.askId, frame.answer);
    else if (frame.type === "attempt.recorded") this.#recorded(frame);
    else if (isMail(frame)) this.#mail.receive(frame);
    else if (frame.type === "problem") this.#refused(new Refusal(frame.problem.code as RefusalCode, frame.problem.detail));
  }

  #attached(frame: Extract<ServerFrame, { type: "agent.attached" }>): void {
    this.#isAttached = true;
    this.#agentId = frame.agentId;
    this.#failures = 0;
    for (const { attemptId, fence } of frame.resumed) {
      const held = this.#held.get(attemptId);
      if (held) held.fence = fence;
    }
    for (const { attemptId, reason } of frame.dropped) {
      this.#held.get(attemptId)?.abort("cancelled", reason);
      this.#forget(attemptId);
    }
    for (const held of this.#held.values()) for (const [askId, question] of held.asking) this.#send({ type: "attempt.asked", ...toRef(held), askId, question });
    this.#sendOutcomes();
    this.#mail.attached();
    this.#settings.attached(frame.agentId);
  }

  #take(work: Work): void {
    if (this.#isClosing) return;
    const known = this.#held.get(work.attemptId);
    const held =
      known ??
      holdWork(this.#doWork, work, {
        send: (message) => this.sendMessage(message),
        progressed: (of, progress) => this.#whenAttached({ type: "attempt.progressed", ...toRef(of), progress }),
        updated: (of, updates) => this.#whenAttached({ type: "attempt.updated", ...toRef(of), updates }),
        asked: (of, askId, question) => this.#whenAttached({ type: "attempt.asked", ...toRef(of), askId, question }),
        ended: (of) => this.#ended(of),
      });
    held.fence = work.fence;
    this.#held.set(work.attemptId, held);
    this.#send({ type: "attempt.accepted", ...toRef(held) });
    if (held.outcome) this.#sendOutcome(held, held.outcome);
  }

  #ended(held: HeldWork): void {
    // Dropped in the meantime: nobody waits for it.
    if (this.#held.get(held.attemptId) === held && held.outcome) this.#sendOutcome(held, held.outcome);
  }

  #recorded({ attemptId, accepted, reason }: Extract<ServerFrame, { type: "attempt.recorded" }>): void {
    if (!accepted) this.#settings.onNotice(`The result of attempt ${attemptId} was not accepted: ${reason}`);
    this.#held.get(attemptId)?.abort("cancelled", reason);
    this.#forget(attemptId);
  }

  #forget(attemptId: string): void {
    this.#held.delete(attemptId);
    if (this.#isClosing && this.#held.size === 0) this.#emptyHanded.abort();
  }

  #sendOutcomes(): void {
    for (const held of this.#held.values()) if (held.outcome) this.#sendOutcome(held, held.outcome);
  }

  #sendOutcome(held: HeldWork, outcome: NonNullable<HeldWork["outcome"]>): void {
    this.#whenAttached({ type: "attempt.ended", ...toRef(held), outcome });
  }

  /** Before the attach is answered the server would not know whose frame it is. */
  #whenAttached(frame: ClientFrame): void {
    if (this.#isAttached) this.#send(frame);
  }

  #send(frame: ClientFrame): void {
    this.#link?.send(JSON.stringify(frame));
  }

  #refused(refusal: Refusal): void {
    if (this.#isAttached) return this.#settings.onNotice(refusal.message);
    const link = this.#link;
    this.#lost(refusal.message, refusal);
    link?.terminate();
  }

  #lost(detail: string, refusal: Refusal | undefined): void {
    this.#link = undefined;
    this.#isAttached = false;
    if (this.#isClosing) return this.#finish(undefined);
    if (refusal && !PASSING.includes(refusal.code)) return this.#finish(refusal);
    const delayMs = backoffMs(BACKOFF, this.#failures++);
    this.#settings.onNotice(`Not connected (${detail}); trying again in ${Math.round(delayMs)} ms.`);
    this.#schedule(delayMs, () => this.connect());
  }

  /** One timer serves all: there is one thing to wait for in each state. */
  #schedule(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #finish(refusal: Refusal | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = undefined;
    link?.terminate();
    for (const held of this.#held.values()) held.abort("unavailable", CLOSED_REASON);
    this.#emptyHanded.abort();
    this.#mail.close(refusal ?? new Refusal("unavailable", CLOSED_REASON));
    this.#settings.closed(refusal);
  }
}

const toRef = ({ attemptId, fence }: HeldWork) => ({ attemptId, fence });
