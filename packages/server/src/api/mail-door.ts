// What the live door needs of messages: an agent's feed, and sending as that agent.
import { type DeliveredMessage, type Message, type ParsedMessageInput, Refusal } from "@baton/contract";
import { covers, type Scope } from "../access/access.ts";
import type { ReachDoor } from "./reach.ts";

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
/** The same for who is in these projects: messages of agents of them, and of no agent that all share. */
export function mailWithin(mail: MailDoor, reach: Pick<ReachDoor, "whose"> | undefined, scope: Scope): MailDoor {
  if (scope.projects === "all") return mail;
  async function assertTheirs(agentId: string): Promise<void> {
    const owner = await reach?.whose("agent", agentId);
    if (owner === undefined || "shared" in owner || !covers(scope, owner.project))
      throw new Refusal("forbidden", `The agent ${agentId} is one that all projects share; its messages are for who is in all projects.`);
  }
  return {
    open: (agentId, given, sink) => assertTheirs(agentId).then(() => mail.open(agentId, given, sink)),
    settle: (agentId, settled) => assertTheirs(agentId).then(() => mail.settle(agentId, settled)),
    send: (agentId, input) => assertTheirs(agentId).then(() => mail.send(agentId, input)),
  };
}
