// The client side of dial-in agents: a function becomes an agent that others can hand work to.
import type { ClientFrame, Message, Refusal } from "@baton/contract";
import { Attachment } from "./attachment.ts";
import type { DoWork } from "./held-work.ts";
import type { OpenLink } from "./link.ts";
import type { MessageToSend, TakeMessage } from "./message-to-send.ts";
import type { Verification } from "./verified-mail.ts";

type Described = Extract<ClientFrame, { type: "agent.attach" }>["agent"];

export interface AgentSettings extends Described {
  /** The server's root, such as `http://127.0.0.1:8000`. */
  url: string;
  apiKey?: string | undefined;
  capabilities: NonNullable<Described["capabilities"]>;
  /** Aborting it is `close()`. */
  signal?: AbortSignal | undefined;
  /** Told, in a sentence, of lost connections and of results that were not accepted. */
  onNotice?: ((notice: string) => void) | undefined;
  /**
   * Takes a message that was sent to this agent; those of one sender come in order, one after another. When it returns the message is
   * acknowledged and never comes again; when it throws it comes again after a while, and is a dead letter after some tries. Absent: messages wait in the mailbox.
   */
  onMessage?: TakeMessage | undefined;
  /** The private key of a pair of `generateSigningKey`: what this agent sends is signed by it. Its public key is registered with the agent. */
  signingKey?: string | undefined;
  /** How messages are verified. Always: what carries a signature that does not hold never reaches `onMessage`, and becomes a dead letter with the reason. */
  verify?: Verification | undefined;
  /** How often the connection is checked. Default 20 s. */
  heartbeatMs?: number | undefined;
}

export interface AgentConnection {
  readonly agentId: string;
  /** Sends a message as this agent. Resolves when it is stored; a server that is away is waited for. @throws Refusal */
  send(message: MessageToSend): Promise<Message>;
  /** Resolves when the agent is connected no more and will not come back: with nothing after `close()`, with the refusal when the server will not have it. */
  readonly closed: Promise<Refusal | undefined>;
  /** Takes no new work, aborts what runs, gives it `graceMs` (default 2 s) to hand over, and disconnects. Unfinished work may then go to another agent. */
  close(options?: { graceMs?: number }): Promise<void>;
}

/**
 * Resolves once the server knows the agent. A server that is away is waited for, at the start and whenever the connection
 * breaks; work goes on meanwhile and its result is kept until the server has recorded it.
 * @throws Refusal when the server will not have the agent; the reason of `signal` when it aborts first.
 */
export function attachAgent(openLink: OpenLink, settings: AgentSettings, doWork: DoWork): Promise<AgentConnection> {
  const { url, apiKey, signal, onNotice = () => undefined, heartbeatMs = 20_000, onMessage, signingKey, verify, ...agent } = settings;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const closed = openDeferred<Refusal | undefined>();
    const finish = (refusal: Refusal | undefined) => {
      signal?.removeEventListener("abort", onAbort);
      closed.resolve(refusal);
      // Means something only before the first attach; later the promise is settled.
      reject(refusal ?? signal?.reason);
    };
    const attached = (agentId: string) => resolve({ agentId, send: (message) => attachment.sendMessage(message), closed: closed.promise, close });
    const attachment = new Attachment({ url, apiKey, agent, openLink, heartbeatMs, onNotice, onMessage, signingKey, verify, attached, closed: finish }, doWork);
    const close = async ({ graceMs = 2000 } = {}) => {
      await attachment.close(graceMs);
      await closed.promise;
    };
    const onAbort = () => void close();
    signal?.addEventListener("abort", onAbort, { once: true });
    attachment.connect();
  });
}

function openDeferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
