// What the door of tools needs of the rooms: whose attempt a token is of, and messages as that agent.
import type { Acknowledgement, DeliveredMessage, Message, ParsedMessageInput, RouteAnswer } from "@baton/contract";

/** The agent whose attempt it is. */
export interface ToolCaller {
  agentId: string;
  name: string;
}
export interface Recipient {
  name: string;
  kind: "agent" | "mailbox";
  description: string;
  capabilities: string[];
}
export interface ToolsDoor {
  /** Undefined: the token is none, or its attempt has ended. */
  callerOf(token: string): Promise<ToolCaller | undefined>;
  recipients(caller: ToolCaller): Promise<Recipient[]>;
  /** @throws Refusal, as all below. */
  send(caller: ToolCaller, input: ParsedMessageInput): Promise<Message>;
  receive(caller: ToolCaller, wanted: { limit: number; waitMs: number }): Promise<DeliveredMessage[]>;
  acknowledge(caller: ToolCaller, settled: Acknowledgement): Promise<RouteAnswer<"acknowledgeMessages">>;
  answerTo(caller: ToolCaller, requestId: string, waitMs: number): Promise<RouteAnswer<"getResponse">>;
}
