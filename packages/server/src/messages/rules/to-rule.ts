// Between the stored row of a rule and the wire's.
import type { MessageRule, ParsedMessageRule } from "@baton/contract";
import { iso } from "../../std/clock.ts";
import type { RuleRow } from "./rule-rows.ts";

export const toRule = (row: RuleRow): MessageRule => ({
  id: row.id,
  seq: row.seq,
  name: row.name,
  description: row.description,
  effect: row.effect,
  from: JSON.parse(row.from_parties),
  to: JSON.parse(row.to_parties),
  messageTypes: JSON.parse(row.message_types),
  topics: JSON.parse(row.topics),
  patterns: JSON.parse(row.patterns),
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
export const toRow = ({ name, description, effect, from, to, messageTypes, topics, patterns }: ParsedMessageRule) => ({
  name,
  description,
  effect,
  from_parties: JSON.stringify(from),
  to_parties: JSON.stringify(to),
  message_types: JSON.stringify(messageTypes),
  topics: JSON.stringify(topics),
  patterns: JSON.stringify(patterns),
});
