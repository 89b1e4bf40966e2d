// The frames a live socket sends us: text -> a frame of the contract, and who each kind is for.
import { clientFrame, parse, Refusal } from "@baton/contract";
import type { RawData } from "ws";

type LiveFrame = ReturnType<typeof parseFrame>;
/** What waits its turn; a ping does not. */
export type QueuedFrame = Exclude<LiveFrame, { type: "ping" }>;
export type AgentFrame = Extract<LiveFrame, { type: `agent.${string}` | `attempt.${string}` }>;
export type SubscribeFrame = Extract<LiveFrame, { type: "subscribe" }>;

/** What most frames of a large crowd are, as the clients of this house write it. */
const PING = Buffer.from(JSON.stringify({ type: "ping" }));

/** @throws Refusal `bad_input` */
export function parseFrame(data: RawData, isBinary: boolean) {
  if (!isBinary && Buffer.isBuffer(data) && PING.equals(data)) return { type: "ping" } as const;
  if (isBinary) throw new Refusal("bad_input", "Frames are JSON text, not binary.", { issues: [{ path: "frame", message: "must be text" }] });
  let value: unknown;
  try {
    value = JSON.parse(String(data));
  } catch (error) {
    const message = error instanceof SyntaxError ? error.message : "is not JSON";
    throw new Refusal("bad_input", `The frame is not JSON: ${message}.`, { issues: [{ path: "frame", message }] });
  }
  return parse(clientFrame, value, "frame");
}
