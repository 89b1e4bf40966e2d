// What the room of messages needs of the world, and what lives in it as long as the server.
import type { Registry } from "../agents/agents.ts";
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import type { Flood, FloodLimit } from "../std/flood.ts";
import type { Post } from "./post.ts";
import type { Verifier } from "./signing/verify.ts";
import type { Stage } from "./stage.ts";
import type { Wakes } from "./wakes.ts";

export interface MessageSettings {
  pollMs: number;
  /** How long messages are kept, dead letters from their end on. */
  messageRetentionMs: number;
  messageFlood: Omit<FloodLimit, "what">;
  /** Whether every agent must sign what it sends. */
  requireSignatures: boolean;
  /** Whether messages may go that no rule is about. */
  messageRouting: "open" | "closed";
  /** A module with stages of this installation that messages pass. */
  messageStagesFile: string | undefined;
}
export interface Messaging {
  post: Post;
  flood: Flood;
  stages: readonly Stage[];
  verifier: Verifier;
  wakes: Wakes;
  retentionMs: number;
  pollMs: number;
  close(): Promise<void>;
}
export interface Ground {
  db: Db;
  clock: Clock;
  log: Log;
  newId(): string;
  events: EventLog;
  registry: Registry;
  seal: Seal;
}
export interface MessagesWorld extends Ground {
  messaging: Messaging;
}
