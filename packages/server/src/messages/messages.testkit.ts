// A server with nothing but messages for tests: a real store, a clock that is moved by hand, agents without connectors.
import { type MessagePriority, messageInput, parse, subscriptionInput } from "@baton/contract";
import type { z } from "zod";
import type { Registry } from "../agents/agents.ts";
import { openEventLog } from "../events/events.ts";
import { newId } from "../std/clock.ts";
import { openSeal } from "../std/seal.ts";
import type { SharedBuckets } from "../std/flood.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { silent } from "../tasks/tasks.testkit.ts";
import {
  acknowledgeMessages,
  createMailbox,
  createSubscription,
  type MessageSettings,
  type MessagesWorld,
  openMessaging,
  receiveMessages,
  sendMessage,
  type Voice,
} from "./messages.ts";

type Said = z.input<typeof messageInput>;
export interface TestPost extends MessagesWorld {
  /** Time stands still until it is moved. */
  pass(ms: number): void;
  send(to: string, payload?: Said["payload"], more?: Said): Promise<string>;
  say(said: Said): ReturnType<typeof sendMessage>;
  take(name: string, limit?: number, waitMs?: number, leaseMs?: number): ReturnType<typeof receiveMessages>;
  done(name: string, ...ids: string[]): Promise<number>;
  fail(name: string, id: string, reason?: string, final?: boolean): Promise<number>;
  subscribe(subscriberId: string, topic: string): Promise<void>;
  stop(): Promise<void>;
}
export const OPERATOR: Voice = { name: "tester", kind: "local", role: "admin", rights: [] };
export const AGENTS = ["ann", "bob", "cid"];
export const at = (priority: MessagePriority): Said => ({ priority });

/** With the agents of AGENTS and the mailbox `desk`, unless it is there already. */
export async function openTestPost(
  open: () => Promise<Db>,
  { sharedBuckets, ...settings }: Partial<MessageSettings & { key: Buffer; sharedBuckets: SharedBuckets }> = {},
  start = 1_800_000_000_000,
): Promise<TestPost> {
  const db = await open();
  let now = start;
  const clock = { now: () => now };
  await migrate(db, now);
  const events = await openEventLog({ db, clock, newId, pollMs: 20 });
  const known = (name: string) => ({ row: { id: `id-${name}`, name, agent_type: "worker" }, aliases: [], capabilities: [{ name: `as-${name}` }] });
  const find = (name: string) => (AGENTS.includes(name) ? known(name) : name.startsWith("id-") ? known(name.slice(3)) : undefined);
  const registry = { find, all: () => AGENTS.map(find) } as unknown as Registry;
  const ground = { db, clock, log: silent, newId, events, registry, seal: openSeal(settings.key ?? Buffer.alloc(32, 7)) };
  const messaging = await openMessaging({
    ...ground,
    sharedBuckets,
    settings: {
      pollMs: 20,
      messageRetentionMs: 168 * 3_600_000,
      messageFlood: { perSecond: 1e6, burst: 1e6 },
      requireSignatures: false,
      messageRouting: "open",
      messageStagesFile: undefined,
      ...settings,
    },
  });
  const world = { ...ground, messaging };
  await createMailbox(world, { name: "desk", description: "" }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== "name_taken") throw error;
  });
  const settle = async (name: string, done: string[], failed: { id: string; reason: string; final: boolean }[]) =>
    (await acknowledgeMessages(world, name, { done, failed })).settled;
  const say = (said: Said) => sendMessage(world, parse(messageInput, said, "body"), OPERATOR);
  return {
    ...world,
    pass: (ms) => void (now += ms),
    say,
    send: async (recipientId, payload = {}, more = {}) => (await say({ senderId: "ann", recipientId, payload, ...more })).message.id,
    take: (name, limit = 10, waitMs = 0, leaseMs = 30_000) => receiveMessages(world, name, { limit, waitMs, leaseMs }),
    done: (name, ...ids) => settle(name, ids, []),
    fail: (name, id, reason = "no", final = false) => settle(name, [], [{ id, reason, final }]),
    subscribe: async (subscriberId, topic) => void (await createSubscription(world, parse(subscriptionInput, { subscriberId, topic }, "body"))),
    stop: async () => {
      await messaging.close();
      await events.close();
      await db.close();
    },
  };
}
