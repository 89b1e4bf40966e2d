// The client for browsers. Nothing reachable from here needs Node.
import { type AgentConnection, type AgentSettings, attachAgent } from "./connect-agent.ts";
import type { DoWork } from "./held-work.ts";
import { openBrowserLink } from "./link-browser.ts";

export { Refusal } from "@baton/contract";
export type { Call, CallInput, CallOptions } from "./calls.ts";
export { type Client, createClient } from "./client.ts";
export type { AgentConnection, AgentSettings } from "./connect-agent.ts";
export type { FollowOptions } from "./follow-events.ts";
export type { DoWork, WorkContext } from "./held-work.ts";
export type { MessageToSend, TakeMessage } from "./message-to-send.ts";
export { result, type WorkResult } from "./result.ts";
export { generateSigningKey, openSigner, type Signer, type SigningKeyPair, type Verdict, verifyMessage, type VerifyOptions } from "./signing.ts";
export type { ClientSettings } from "./transport.ts";
export { Unreachable } from "./unreachable.ts";
export type { Verification } from "./verified-mail.ts";
export type { WaitOptions } from "./wait-for-task.ts";

export const connectAgent = (settings: AgentSettings, doWork: DoWork): Promise<AgentConnection> => attachAgent(openBrowserLink, settings, doWork);
