// What is about to be written, held to what is demanded of messages: that those sign who must, and that rules let it go where it goes.
import { Refusal } from "@baton/contract";
import type { Tx } from "../store/db.ts";
import type { Addressed } from "./addressed.ts";
import type { Draft } from "./draft.ts";
import type { Policies, PolicyReader } from "./policies.ts";
import { type Decision, openDecision, type Party } from "./rules/decide.ts";
import { checkSigner } from "./signing/check-signature.ts";
import { selectSigningKeys, type SigningKeyRow } from "./signing/signing-rows.ts";

export interface PolicyWorld {
  /** An agent's id, by id or name; undefined when it is none. */
  agentOf(idOrName: string): string | undefined;
  /** What rules may say of it. @param role of who calls, unless it is an agent. */
  partyOf(id: string, role: string | undefined): Party;
  policies: PolicyReader;
  allMustSign: boolean;
  /** Whether messages that no rule is about may go. */
  routingIsOpen: boolean;
}

export interface Held {
  policies: Policies;
  keys: ReadonlyMap<string, SigningKeyRow>;
}
/** What these are held to. */
export async function readPolicies(world: PolicyWorld, tx: Tx, drafts: readonly Draft[]): Promise<Held> {
  const keyIds = new Set(drafts.flatMap(({ signature }) => (signature ? [signature.keyId] : [])));
  const [policies, keys] = await Promise.all([world.policies.read(tx), keyIds.size === 0 ? [] : selectSigningKeys(tx, [...keyIds])]);
  return { policies, keys: new Map(keys.map((key) => [key.id, key])) };
}
export function holdToPolicies(
  world: PolicyWorld,
  { policies, keys }: Held,
  addressed: readonly (Addressed | Refusal)[],
  drafts: readonly Draft[],
): (Addressed | Refusal)[] {
  return addressed.map((one, at) => (one instanceof Refusal ? one : (unsigned(world, policies, keys, drafts[at] as Draft) ?? route(world, policies, one))));
}
function unsigned(world: PolicyWorld, policies: Policies, keys: ReadonlyMap<string, SigningKeyRow>, { row, signature, vouched }: Draft): Refusal | undefined {
  const known = { agentId: world.agentOf(row.sender_id), key: signature && keys.get(signature.keyId) };
  return checkSigner(policies, world.allMustSign, { senderId: row.sender_id, signature, vouched }, known);
}
/** To those it may go to; refused when there is nobody left. */
function route(world: PolicyWorld, { rules }: Policies, one: Addressed): Addressed | Refusal {
  const { draft, recipients } = one;
  if (rules.length === 0 && world.routingIsOpen) return one;
  const decide = openDecision(rules, world.routingIsOpen, {
    from: world.partyOf(draft.row.sender_id, draft.role),
    messageType: draft.row.message_type,
    pattern: draft.row.pattern,
    topic: draft.row.topic,
    isAnswer: draft.target.to === "asker",
  });
  const decided = recipients.map((id) => ({ id, decision: decide(world.partyOf(id, undefined)) }));
  const allowed = decided.filter(({ decision }) => decision.allowed).map(({ id }) => id);
  const refused = decided.find(({ decision }) => !decision.allowed);
  if (refused && allowed.length === 0) return toRefusal(draft, refused.id, refused.decision);
  return { ...one, recipients: allowed, withheld: recipients.length - allowed.length };
}
function toRefusal({ row, target }: Draft, recipient: string, decision: Decision): Refusal {
  const whom = target.to === "one" ? target.name : target.to === "topic" ? `anybody on ${target.topic}` : target.to === "all" ? "anybody" : recipient;
  const what = `let ${row.sender_id} send ${row.message_type} to ${whom}`;
  if (!decision.allowed && decision.rule !== undefined) return new Refusal("forbidden", `The message rule ${decision.rule} does not ${what}.`);
  return new Refusal("forbidden", `No message rule says to ${what}, and here only what a rule allows is taken (BATON_MESSAGE_ROUTING=closed).`);
}
