// What the live door needs of messages: an agent's feed, and sending as that agent.
import type { DeliveredMessage, Message, ParsedMessageInput } from "@baton/contract";

export interface MailSink {
  deliver(message: DeliveredMessage): void;
  ready(): Promise<boolean>;
}
export interface MailFeed {
  close(): Promise<void>;
}
export interface MailDoor {
  open(agentId: string, given: { window: number; holding: readonly string[] }, sink: MailSink): Promise<MailFeed>;
  /** Resolves when it is stored. @throws Refusal */
  settle(agentId: string, settled: { done: readonly string[]; failed: readonly { id: string; reason: string; final: boolean }[] }): Promise<void>;
  /** Calls in a row are stored in that order. @throws Refusal */
  send(agentId: string, input: ParsedMessageInput): Promise<Message>;
}
