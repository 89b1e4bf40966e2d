import { expect, test } from "vitest";
import { isParty, openDecision, type Party, type Rule } from "./decide.ts";

const agent = (name: string, type = "coder", ...capabilities: string[]): Party => ({
  names: [`id-${name}`, name],
  role: "agent",
  agent: { type, capabilities },
});
const desk: Party = { names: ["desk"], role: undefined, agent: undefined };
const grace: Party = { names: ["grace"], role: "user", agent: undefined };
const rule = (effect: Rule["effect"], given: Partial<Rule> = {}): Rule => ({
  name: effect,
  effect,
  from: ["*"],
  to: ["*"],
  messageTypes: [],
  topics: [],
  patterns: [],
  ...given,
});
const said = (from: Party, more = {}) => ({ from, messageType: "note", pattern: "point_to_point" as const, topic: null, isAnswer: false, ...more });

test("a party is named by what it is", () => {
  const builder = agent("builder", "coder", "review");
  const so = ["*", "role:agent", "role:*", "agent:builder", "agent:id-builder", "agent:*", "type:coder", "capability:review", "capability:*"];
  const not = ["role:user", "agent:other", "type:tester", "capability:deploy", "mailbox:builder", "mailbox:*"];
  expect([...so, ...not].filter((one) => isParty(one, builder))).toEqual(so);
  expect(["*", "mailbox:desk", "mailbox:*", "agent:desk", "role:*", "type:*"].filter((one) => isParty(one, desk))).toEqual(["*", "mailbox:desk", "mailbox:*"]);
  expect(["role:user", "role:*", "mailbox:grace", "agent:grace"].filter((one) => isParty(one, grace))).toEqual(["role:user", "role:*", "mailbox:grace"]);
  expect(isParty("capability:*", agent("idle"))).toBe(false);
});
test("what denies goes before what allows, whatever their order, and says which it is", () => {
  const rules = [rule("allow"), rule("deny", { name: "no coders", from: ["type:coder"], to: ["mailbox:desk"] })];
  for (const some of [rules, rules.toReversed()]) {
    expect(openDecision(some, true, said(agent("a")))(desk)).toEqual({ allowed: false, rule: "no coders" });
    expect(openDecision(some, true, said(agent("a")))(grace)).toEqual({ allowed: true });
    expect(openDecision(some, true, said(grace))(desk)).toEqual({ allowed: true });
  }
});
test("what no rule is about goes where it is open, and does not where it is closed", () => {
  const rules = [rule("allow", { from: ["role:user"] })];
  expect(openDecision(rules, true, said(agent("a")))(desk)).toEqual({ allowed: true });
  expect(openDecision(rules, false, said(agent("a")))(desk)).toEqual({ allowed: false, rule: undefined });
  expect(openDecision(rules, false, said(grace))(desk)).toEqual({ allowed: true });
});
test("a rule may be about types, patterns and topics only", () => {
  const rules = [
    rule("deny", { messageTypes: ["order"] }),
    rule("deny", { name: "secret", topics: ["secret.*"] }),
    rule("deny", { name: "loud", patterns: ["broadcast"] }),
  ];
  const by = (more: object) => openDecision(rules, true, said(grace, more))(desk);
  expect(by({})).toEqual({ allowed: true });
  expect(by({ messageType: "order" })).toEqual({ allowed: false, rule: "deny" });
  expect(by({ topic: "secret.a.b" })).toEqual({ allowed: false, rule: "secret" });
  expect(by({ topic: "open.secret" })).toEqual({ allowed: true });
  expect(by({ pattern: "broadcast" })).toEqual({ allowed: false, rule: "loud" });
});
test("who was asked may answer where it is closed, unless a rule denies it", () => {
  expect(openDecision([], false, said(desk, { isAnswer: true }))(grace)).toEqual({ allowed: true });
  expect(openDecision([rule("deny", { from: ["mailbox:desk"] })], false, said(desk, { isAnswer: true }))(grace)).toMatchObject({ allowed: false });
});
