// Rules of who may send what to whom. What denies goes before what allows; what no rule is about goes by the server's setting: open or closed.
import { z } from "zod";
import { id, instant, label, text } from "./json.ts";
import { messagePatterns, topicPattern } from "./message.ts";

/**
 * `*`: everybody. `role:user`: whoever calls with this role; every agent has `role:agent`. `agent:builder`: an agent, by id, name or alias.
 * `type:coder`, `capability:review`: agents of this type, or that can do this. `mailbox:desk`: by name, also who sends in its name. `*` after
 * the colon stands for any.
 */
const party = z
  .string()
  .max(250)
  .regex(/^(\*|(role|agent|type|capability|mailbox):[^\s\p{C}][^\p{C}]*)$/u, "must be * or role:…, agent:…, type:…, capability:… or mailbox:…");
const parties = z.array(party).min(1).max(100).default(["*"]);
export const messageRuleInput = z.strictObject({
  /** What a refusal names. */
  name: id,
  description: text(1000).default(""),
  effect: z.enum(["allow", "deny"]),
  from: parties,
  to: parties,
  /** Only messages of these types. Empty: of any. */
  messageTypes: z.array(label).max(100).default([]),
  /** Only messages to topics that match. Empty: also those to no topic. */
  topics: z.array(topicPattern).max(100).default([]),
  patterns: z.array(z.enum(messagePatterns)).max(messagePatterns.length).default([]),
});
export type ParsedMessageRule = z.output<typeof messageRuleInput>;
export const messageRule = z.object({
  id: z.string(),
  seq: z.number().int(),
  name: z.string(),
  description: z.string(),
  effect: z.enum(["allow", "deny"]),
  from: z.array(z.string()),
  to: z.array(z.string()),
  messageTypes: z.array(z.string()),
  topics: z.array(z.string()),
  patterns: z.array(z.enum(messagePatterns)),
  createdAt: instant,
  updatedAt: instant,
});
export type MessageRule = z.infer<typeof messageRule>;
