// What the live door needs of whoever keeps dial-in agents. The live door speaks frames and knows no attempt; the door
// behind this port knows attempts and no socket.
import type { Capability, ClientFrame, Outcome, ParsedQuestion, Progress, ServerFrame, Update } from "@baton/contract";

import type { Identity } from "../access/access.ts";

export type AttachFrame = Extract<ClientFrame, { type: "agent.attach" }> & { holding: HeldAttempt[] };
export interface HeldAttempt {
  attemptId: string;
  /** The lease's number the agent was given. */
  fence: number;
}

/** The way back to one connected agent. Must be used only between `attach` and `detach`. */
export interface AgentLink {
  /** Never throws; a frame to a link that just broke is lost, and the agent says what it holds when it comes back. */
  send(frame: ServerFrame): void;
  /** Ends the connection, so that the agent connects anew. */
  close(): void;
}

export interface Attached {
  agentId: string;
  name: string;
  capabilities: Capability[];
  /** What the agent holds and may finish, with the fence to use from now on. */
  resumed: HeldAttempt[];
  /** What it holds and must drop, and why. */
  dropped: { attemptId: string; reason: string }[];
}

/**
 * Calls about one attempt come one after another, in the order its agent sent them; calls about different attempts may
 * overlap. Every call of a link begins after its `attach` has returned and has returned before its `detach` begins.
 * Any of them may refuse: the agent then gets the problem document, and nothing has changed.
 */
export interface DialinDoor {
  /** @param who opened the connection; undefined: nobody has to say. @throws Refusal `name_taken` for an agent that is not theirs to be. */
  attach(frame: AttachFrame, link: AgentLink, who?: Identity): Promise<Attached>;
  /** The agent is gone. Called once for each `attach` that worked; `link` tells a late goodbye from a newer connection. */
  detach(agentId: string, link: AgentLink): Promise<void> | void;
  accepted(agentId: string, link: AgentLink, held: HeldAttempt): Promise<void> | void;
  progressed(agentId: string, link: AgentLink, held: HeldAttempt, progress: Progress): Promise<void> | void;
  updated(agentId: string, link: AgentLink, held: HeldAttempt, updates: readonly Update[]): Promise<void> | void;
  /** Answered by a frame, whenever a person has. */
  asked(agentId: string, link: AgentLink, held: HeldAttempt, askId: string, question: ParsedQuestion): Promise<void> | void;
  /** Resolves once the outcome is stored, or is known to be unwelcome; until then the agent keeps and repeats it. */
  ended(agentId: string, link: AgentLink, held: HeldAttempt, outcome: Outcome): Promise<{ accepted: boolean; reason: string }>;
}
