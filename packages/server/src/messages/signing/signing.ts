// The keys an agent signs its messages with. It may have several at once, so that it can change them without a gap: the new one is registered,
// used, and the old one retired; what that signed before is still verified by it.
import { endorsedText, Refusal, type RouteAnswer, type RouteParsed, type SigningKey } from "@baton/contract";
import { iso } from "../../std/clock.ts";
import type { Tx } from "../../store/db.ts";
import type { MessagesWorld } from "../messages-world.ts";
import { countUpPolicyVersion } from "../policy-rows.ts";
import { ownOf, type Voice } from "../voice.ts";
import {
  deleteKey,
  deleteRequired,
  insertRequired,
  insertSigningKey,
  retireKey,
  selectKeysOf,
  selectRequired,
  selectSigningKeys,
  type SigningKeyRow,
} from "./signing-rows.ts";

const MAX_KEYS = 100;
const toKey = ({ id, agent_id, created_at, retired_at }: SigningKeyRow): SigningKey => ({
  id,
  agentId: agent_id,
  createdAt: iso(created_at),
  retiredAt: retired_at === null ? null : iso(retired_at),
});
function agentOf({ registry }: MessagesWorld, name: string): string {
  const known = registry.find(name);
  if (!known) throw new Refusal("not_found", `There is no agent ${name}. GET /api/v1/agents lists them.`);
  return known.row.id;
}
/** Its own, for whoever is one agent. @throws Refusal `forbidden`, `not_found`. */
function ownKeysOf(world: MessagesWorld, voice: Voice, name: string): string {
  const own = ownOf(world, voice);
  if (own !== undefined && own !== (world.registry.find(name)?.row.id ?? name))
    throw new Refusal("forbidden", `${voice.name} may change the signing keys of the agent ${voice.agent}, and of no other.`);
  return agentOf(world, name);
}

/** @throws Refusal `not_found`. */
export async function getSigning(world: MessagesWorld, name: string): Promise<RouteAnswer<"getSigning">> {
  const agentId = agentOf(world, name);
  const [keys, required] = await Promise.all([selectKeysOf(world.db, agentId), selectRequired(world.db)]);
  return { agentId, required: required.includes(agentId), keys: keys.map(toKey) };
}
/** @throws Refusal `not_found`. */
export async function setSigning(world: MessagesWorld, name: string, { required }: RouteParsed<"setSigning", "body">): Promise<RouteAnswer<"setSigning">> {
  const agentId = agentOf(world, name);
  await world.db.transaction(async (tx) => {
    if (required) await insertRequired(tx, agentId);
    else await deleteRequired(tx, agentId);
    await countUpPolicyVersion(tx);
    await world.events.append(tx, [{ type: "signing.changed", data: { agentId, required } }]);
  });
  world.events.committed();
  return getSigning(world, agentId);
}
/**
 * An agent registers its first key itself, and each later one by an endorsement of one it has.
 * @throws Refusal `not_found`, `forbidden`, `name_taken` when the key is registered, `conflict` for too many, `bad_input` when it is no key.
 */
export async function addSigningKey(world: MessagesWorld, name: string, input: RouteParsed<"addSigningKey", "body">, voice: Voice): Promise<SigningKey> {
  const agentId = ownKeysOf(world, voice, name);
  const { publicKey: id, endorsement } = input;
  // Of no text by this key: it only says whether that is a key at all.
  world.messaging.verifier.verifies(id, "", "A".repeat(86));
  const row = { id, agent_id: agentId, created_at: world.clock.now() };
  await world.db.transaction(async (tx) => {
    const keys = await selectKeysOf(tx, agentId);
    if (!voice.rights.includes("agent.manage")) assertEndorsed(world, agentId, id, keys, endorsement);
    if (keys.length >= MAX_KEYS) throw new Refusal("conflict", `The agent has ${keys.length} signing keys, and may have ${MAX_KEYS}. Remove old ones.`);
    if (!(await insertSigningKey(tx, row))) throw new Refusal("name_taken", "This signing key is registered already. Make another one.");
    await world.events.append(tx, [{ type: "signing_key.added", data: { agentId, keyId: id } }]);
  });
  world.events.committed();
  return toKey({ ...row, seq: 0, retired_at: null });
}
function assertEndorsed(
  { messaging }: MessagesWorld,
  agentId: string,
  id: string,
  keys: readonly SigningKeyRow[],
  endorsement: RouteParsed<"addSigningKey", "body">["endorsement"],
): void {
  if (keys.length === 0) return;
  const key = keys.find((one) => one.id === endorsement?.keyId && one.retired_at === null);
  if (endorsement === undefined || key === undefined)
    throw new Refusal("forbidden", "This agent has a signing key: another one is registered with an endorsement by a key it has, or by who may manage agents.");
  if (!messaging.verifier.verifies(key.id, endorsedText(agentId, id), endorsement.value))
    throw new Refusal("forbidden", `The endorsement is none of this key for this agent by ${key.id}.`);
}
/** @throws Refusal `not_found`, `forbidden`. */
export async function retireSigningKey(world: MessagesWorld, name: string, keyId: string, voice: Voice): Promise<SigningKey> {
  const agentId = ownKeysOf(world, voice, name);
  await change(world, agentId, keyId, "retired", (tx) => retireKey(tx, keyId, world.clock.now()));
  return getSigningKey(world, keyId);
}
/** @throws Refusal `not_found`. */
export const removeSigningKey = (world: MessagesWorld, name: string, keyId: string): Promise<void> =>
  change(world, agentOf(world, name), keyId, "removed", (tx) => deleteKey(tx, keyId));

async function change(world: MessagesWorld, agentId: string, keyId: string, what: "retired" | "removed", how: (tx: Tx) => Promise<number>): Promise<void> {
  await world.db.transaction(async (tx) => {
    const [key] = await selectSigningKeys(tx, [keyId]);
    if (key?.agent_id !== agentId) throw new Refusal("not_found", `${keyId} is no signing key of this agent.`);
    if ((await how(tx)) > 0) await world.events.append(tx, [{ type: `signing_key.${what}`, data: { agentId, keyId } }]);
  });
  world.events.committed();
}
/** @throws Refusal `not_found`. */
export async function getSigningKey({ db }: MessagesWorld, id: string): Promise<SigningKey> {
  const [row] = await selectSigningKeys(db, [id]);
  if (!row) throw new Refusal("not_found", `There is no signing key ${id}: it was never registered, or was removed.`);
  return toKey(row);
}
