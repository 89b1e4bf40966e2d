// Who speaks, and what is theirs: the names they may send as and the mailboxes they may take from. An agent's key speaks as that agent
// alone, a person as themselves; whoever reaches a server that demands nothing is its operator and may say any name.
import { Refusal } from "@baton/contract";
import { selectSubscriptionById } from "./address-rows.ts";
import { selectDeliveries, selectDeliveriesOf } from "./delivery-rows.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { findAddress } from "./mailboxes.ts";
import { selectMessage } from "./message-rows.ts";
import type { MessagesWorld } from "./messages-world.ts";
import type { Voice } from "./who-speaks.ts";

export type { Voice } from "./who-speaks.ts";

type Names = Pick<MessagesWorld, "registry">;
const idOf = ({ registry }: Names, name: string): string | undefined => registry.find(name)?.row.id;
/** The id of the one agent it may be; the agent's name until that is registered. */
export const ownOf = (world: Names, { agent }: Voice): string | undefined => (agent === undefined ? undefined : (idOf(world, agent) ?? agent));

/** Whether this is a name of theirs. @param sender an agent's id, or any other name. */
export function speaksAs(world: Names, voice: Voice, sender: string): boolean {
  if (voice.kind === "local" || sender === (ownOf(world, voice) ?? voice.name)) return true;
  if (voice.role !== "agent" || voice.agent !== undefined) return false;
  const known = world.registry.find(sender)?.row;
  const { projects } = voice.scope ?? EVERYWHERE;
  return known !== undefined && (projects === "all" || (known.project_id !== null && projects.includes(known.project_id)));
}
/** Whom a message is from. @throws Refusal `forbidden` for a name that is not theirs. */
export function senderOf(world: Names, voice: Voice, said: string | undefined): string {
  const { name, role, agent } = voice;
  const sender = said === undefined ? (ownOf(world, voice) ?? name) : (idOf(world, said) ?? said);
  if (speaksAs(world, voice, sender)) return sender;
  const who = agent === undefined ? (role === "agent" ? "a registered agent" : name) : `the agent ${agent}`;
  throw new Refusal("forbidden", `${name} may send as ${who}, and senderId says ${said}. Leave it out.`);
}
/** Taking what an agent was sent is being that agent. @throws Refusal `forbidden`, `not_found`. */
export async function assertMayTake(world: MessagesWorld, voice: Voice, name: string): Promise<void> {
  const address = await assertMayHear(world, voice, name);
  const isAgent = idOf(world, address) !== undefined;
  if (isAgent && !voice.rights.includes("agent.work"))
    throw new Refusal("forbidden", `${voice.name} has the role ${voice.role}, which may not take what agents were sent (agent.work).`);
  if (!isAgent && voice.role === "agent") throw new Refusal("forbidden", `${voice.name} speaks for agents, and may not take from the mailbox ${name}.`);
}
/** To look into a mailbox, and to subscribe for it. @returns what it is kept under. @throws Refusal `forbidden`, `not_found`. */
export async function assertMayHear(world: MessagesWorld, voice: Voice, name: string): Promise<string> {
  const own = ownOf(world, voice);
  // Before it is looked up: who may not use it is not told whether it is there.
  if (own !== undefined && own !== (idOf(world, name) ?? name))
    throw new Refusal("forbidden", `${voice.name} may use the mailbox of the agent ${voice.agent}, and no other.`);
  return findAddress(world, name);
}
/** An agent reads what it sent and what it was sent. @throws Refusal `not_found`, as if there were none. */
export async function assertMayRead(world: MessagesWorld, voice: Voice, messageId: string): Promise<void> {
  const own = ownOf(world, voice);
  if (own === undefined) return;
  const [row, deliveries] = await Promise.all([
    selectMessage(world.db, messageId),
    selectDeliveriesOf(world.db, [{ message_id: messageId, recipient_id: own }]),
  ]);
  if (row?.sender_id !== own && deliveries.length === 0)
    throw new Refusal("not_found", `There is no message ${messageId} that ${voice.agent} sent or was sent.`);
}
/** @throws Refusal `forbidden`. */
export async function assertMaySubscribe(world: MessagesWorld, voice: Voice, subscriptionId: string): Promise<void> {
  if (voice.agent === undefined) return;
  const row = await selectSubscriptionById(world.db, subscriptionId);
  if (row) await assertMayHear(world, voice, row.subscriber_id);
}
/** @param id of the delivery. @throws Refusal `forbidden`. */
export async function assertMayRedeliver(world: MessagesWorld, voice: Voice, id: string): Promise<void> {
  if (voice.agent === undefined || !/^\d{1,15}$/.test(id)) return;
  const [row] = await selectDeliveries(world.db, [Number(id)]);
  if (row) await assertMayHear(world, voice, row.recipient_id);
}
/** @throws Refusal `forbidden` to agents. */
export function assertPerson({ name, role }: Voice, doing: string): void {
  if (role === "agent") throw new Refusal("forbidden", `${name} speaks for agents, which may not ${doing}.`);
}
