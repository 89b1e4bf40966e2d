// What an agent sends and takes, and the one failure of taking that no other try would mend.
import type { ClientFrame, DeliveredMessage } from "@baton/contract";

export type SendFrame = Extract<ClientFrame, { type: "message.send" }>;
/** `senderId` is the agent itself. */
export type MessageToSend = Omit<SendFrame["message"], "senderId">;
export type TakeMessage = (message: DeliveredMessage) => unknown;
export class Unverified extends Error {}
