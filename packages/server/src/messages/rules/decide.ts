// Who may send what to whom, decided: pure, rules and parties in, a word out.
import type { MessageRule } from "@baton/contract";
import { patternsOf } from "../topics.ts";

export type Rule = Pick<MessageRule, "name" | "effect" | "from" | "to" | "messageTypes" | "topics" | "patterns">;
export interface Party {
  /** Every name it has. */
  names: readonly string[];
  /** Of who calls; `agent` of every agent; undefined of a mailbox. */
  role: string | undefined;
  /** Undefined: it is no agent. */
  agent: { type: string; capabilities: readonly string[] } | undefined;
}
export interface Said {
  from: Party;
  messageType: string;
  pattern: MessageRule["patterns"][number];
  topic: string | null;
  /** Who was asked may answer, unless a rule denies it. */
  isAnswer: boolean;
}
export type Decision = { allowed: true } | { allowed: false; rule: string | undefined };

export function isParty(selector: string, { names, role, agent }: Party): boolean {
  if (selector === "*") return true;
  const [kind, ...rest] = selector.split(":");
  const wanted = rest.join(":");
  const isOne = (has: readonly string[]): boolean => (wanted === "*" ? has.length > 0 : has.includes(wanted));
  switch (kind) {
    case "role":
      return role !== undefined && isOne([role]);
    case "agent":
      return agent !== undefined && isOne(names);
    case "type":
      return agent !== undefined && isOne([agent.type]);
    case "capability":
      return agent !== undefined && isOne(agent.capabilities);
    default:
      return agent === undefined && isOne(names);
  }
}
const isAny = (selectors: readonly string[], party: Party): boolean => selectors.some((selector) => isParty(selector, party));

/** Looked at once for a message; then asked for each of its recipients. @param isOpen whether what no rule is about may go. */
export function openDecision(rules: readonly Rule[], isOpen: boolean, { from, messageType, pattern, topic, isAnswer }: Said): (to: Party) => Decision {
  const topics = topic === null ? [] : patternsOf(topic);
  const about = rules.filter(
    (rule) =>
      (rule.messageTypes.length === 0 || rule.messageTypes.includes(messageType)) &&
      (rule.patterns.length === 0 || rule.patterns.includes(pattern)) &&
      (rule.topics.length === 0 || rule.topics.some((one) => topics.includes(one))) &&
      isAny(rule.from, from),
  );
  const [denying, allowing] = [about.filter(({ effect }) => effect === "deny"), about.filter(({ effect }) => effect === "allow")];
  return (to) => {
    const denied = denying.find((rule) => isAny(rule.to, to));
    if (denied) return { allowed: false, rule: denied.name };
    if (isOpen || isAnswer || allowing.some((rule) => isAny(rule.to, to))) return { allowed: true };
    return { allowed: false, rule: undefined };
  };
}
