// What lives as long as the server so that messages go: the post, who waits for what, and the look at what is due.
import type { KnownAgent, Registry } from "../agents/agents.ts";
import type { EventLog } from "../events/events.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { type Flood, type FloodLimit, openFlood } from "./flood.ts";
import { openPolicies } from "./policies.ts";
import { openPost, type Post } from "./post.ts";
import type { Party } from "./rules/decide.ts";
import { openVerifier, type Verifier } from "./signing/verify.ts";
import { removeOld, sweep } from "./sweep.ts";
import { openWakes, type Wakes } from "./wakes.ts";

export interface MessageSettings {
  pollMs: number;
  /** How long messages are kept, dead letters from their end on. */
  messageRetentionMs: number;
  messageFlood: FloodLimit;
  /** Whether every agent must sign what it sends. */
  requireSignatures: boolean;
  /** Whether messages may go that no rule is about. */
  messageRouting: "open" | "closed";
}
export interface Messaging {
  post: Post;
  flood: Flood;
  verifier: Verifier;
  wakes: Wakes;
  retentionMs: number;
  pollMs: number;
  close(): Promise<void>;
}
interface Ground {
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
const RETENTION_GAP_MS = 60_000;

function toParty(known: KnownAgent | undefined, id: string, role: string | undefined): Party {
  if (known === undefined) return { names: [id], role, agent: undefined };
  const { row, aliases, capabilities } = known;
  return { names: [row.id, row.name, ...aliases], role: "agent", agent: { type: row.agent_type, capabilities: capabilities.map(({ name }) => name) } };
}

export async function openMessaging(world: Ground & { settings: MessageSettings }): Promise<Messaging> {
  const { pollMs, messageRetentionMs: retentionMs, messageFlood } = world.settings;
  const wakes = await openWakes(world.db);
  const { registry } = world;
  const post = openPost({
    ...world,
    wakes,
    retentionMs,
    policies: openPolicies(),
    allMustSign: world.settings.requireSignatures,
    routingIsOpen: world.settings.messageRouting === "open",
    agentOf: (name) => registry.find(name)?.row.id,
    partyOf: (id, role) => toParty(registry.find(id), id, role),
    agentIds: () => registry.all().map(({ row }) => row.id),
  });
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let removedAt = 0;
  let looking: Promise<void> = Promise.resolve();
  async function look(): Promise<void> {
    let wait = pollMs;
    try {
      if (await sweep({ ...world, wakes, retentionMs })) wait = 0;
      if (world.clock.now() - removedAt >= RETENTION_GAP_MS) {
        removedAt = world.clock.now();
        await removeOld({ ...world, wakes, retentionMs });
      }
    } catch (error) {
      world.log.warn({ error: String(error) }, "messages could not be looked at; the next look follows");
    }
    if (!stopped) timer = setTimeout(begin, wait);
  }
  function begin(): void {
    looking = look();
  }
  begin();
  return {
    post,
    flood: openFlood(world.clock, messageFlood),
    verifier: openVerifier(),
    wakes,
    retentionMs,
    pollMs,
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
      await post.close();
      await wakes.close();
    },
  };
}
