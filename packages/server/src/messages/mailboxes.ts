// Where messages go: agents by id, name or alias, and mailboxes, which people and programs open for themselves; and who subscribed to which topics.
import { ALL_PROJECTS, type Mailbox, type Page, type RouteAnswer, type RouteParsed, Refusal, type Subscription } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Scope } from "../store/scope.ts";
import {
  countMailboxes,
  deleteMailbox,
  deleteSubscription,
  deleteSubscriptionsOf,
  insertMailbox,
  insertSubscription,
  type MailboxRow,
  selectMailboxes,
  selectMailboxPage,
  selectSubscription,
  selectSubscriptionPage,
  type SubscriptionRow,
} from "./address-rows.ts";
import { type Place, placeOfAgent } from "./addressed.ts";
import { selectOpen } from "./delivery-rows.ts";
import type { MessagesWorld } from "./messages-world.ts";

const toMailbox = ({ seq, name, description, project, created_at }: MailboxRow): Mailbox => ({
  id: name,
  seq,
  name,
  description,
  projectId: project === ALL_PROJECTS ? null : project,
  createdAt: iso(created_at),
});
const toSubscription = (row: SubscriptionRow): Subscription => ({
  id: row.id,
  seq: row.seq,
  subscriberId: row.subscriber_id,
  topic: row.topic,
  createdAt: iso(row.created_at),
});

/** Where messages for `name` go, and whose that is. */
export async function findPlace({ db, registry }: Pick<MessagesWorld, "db" | "registry">, name: string): Promise<Place | undefined> {
  const [mailbox] = await selectMailboxes(db, [name]);
  return mailbox ? { id: mailbox.name, project: mailbox.project } : placeOfAgent(registry, name);
}
async function getPlace(world: MessagesWorld, name: string): Promise<Place> {
  const found = await findPlace(world, name);
  if (found === undefined) throw new Refusal("not_found", `There is no agent or mailbox ${name}. GET /api/v1/agents and GET /api/v1/mailboxes list them.`);
  return found;
}
/** What messages for `name` are kept under. @throws Refusal `not_found`. */
export const findAddress = async (world: MessagesWorld, name: string): Promise<string> => (await getPlace(world, name)).id;
/** @throws Refusal `not_found`. */
export async function getMailbox({ db }: MessagesWorld, name: string): Promise<Mailbox> {
  const [row] = await selectMailboxes(db, [name]);
  if (!row) throw new Refusal("not_found", `There is no mailbox ${name}. GET /api/v1/mailboxes lists them.`);
  return toMailbox(row);
}
export async function listMailboxes({ db }: MessagesWorld, scope: Scope, { limit, offset }: { limit: number; offset: number }): Promise<Page<Mailbox>> {
  const [rows, total] = await Promise.all([selectMailboxPage(db, scope, limit, offset), countMailboxes(db, scope)]);
  return { items: rows.map(toMailbox), total, limit, offset };
}
/** @throws Refusal `name_taken`, also by an agent. */
export async function createMailbox(
  world: MessagesWorld,
  { name, description, projectId: project = ALL_PROJECTS }: RouteParsed<"createMailbox", "body">,
): Promise<Mailbox> {
  if (world.registry.find(name)) throw new Refusal("name_taken", `There is an agent ${name}, which has a mailbox as such. Choose another name.`);
  await world.db.transaction(async (tx) => {
    if (!(await insertMailbox(tx, { name, description, project, created_at: world.clock.now() })))
      throw new Refusal("name_taken", `There is a mailbox ${name} already. Choose another name, or use that one.`);
    await world.events.append(tx, [{ type: "mailbox.created", data: { projectId: project, name } }]);
  });
  world.events.committed();
  return getMailbox(world, name);
}
/** @throws Refusal `not_found`; `conflict` while something in it is open. */
export async function removeMailbox(world: MessagesWorld, name: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    if ((await selectOpen(tx, name, 0, 1)).length > 0)
      throw new Refusal("conflict", `Mailbox ${name} has messages that are not acknowledged. Receive and acknowledge them first, or let them expire.`);
    const [row] = await selectMailboxes(tx, [name]);
    if (!row || (await deleteMailbox(tx, name)) === 0) throw new Refusal("not_found", `There is no mailbox ${name}. GET /api/v1/mailboxes lists them.`);
    await deleteSubscriptionsOf(tx, name);
    await world.events.append(tx, [{ type: "mailbox.removed", data: { projectId: row.project, name } }]);
  });
  world.events.committed();
}

export async function listSubscriptions(
  world: MessagesWorld,
  scope: Scope,
  query: RouteParsed<"listSubscriptions", "query">,
): Promise<RouteAnswer<"listSubscriptions">> {
  const subscriberId = query.subscriberId === undefined ? undefined : await findAddress(world, query.subscriberId);
  const rows = await selectSubscriptionPage(world.db, { ...query, scope, subscriberId });
  return { items: rows.map(toSubscription), nextCursor: rows.at(-1)?.seq ?? query.after };
}
/** Of one subscriber and topic there is one, however often it is asked for. @throws Refusal `not_found`. */
export async function createSubscription(
  world: MessagesWorld,
  input: RouteParsed<"createSubscription", "body">,
): Promise<{ subscription: Subscription; created: boolean }> {
  const { id: subscriber_id, project } = await getPlace(world, input.subscriberId);
  const row = { id: world.newId(), subscriber_id, topic: input.topic, project, created_at: world.clock.now() };
  const created = await world.db.transaction(async (tx) => {
    const isNew = await insertSubscription(tx, row);
    if (isNew)
      await world.events.append(tx, [
        { type: "subscription.created", data: { projectId: project, subscriptionId: row.id, subscriberId: subscriber_id, topic: row.topic } },
      ]);
    return isNew;
  });
  world.events.committed();
  const stored = await selectSubscription(world.db, subscriber_id, input.topic);
  if (!stored) throw new Refusal("conflict", "This subscription was ended at the same moment. Ask again.");
  return { subscription: toSubscription(stored), created };
}
/** @throws Refusal `not_found`. */
export async function removeSubscription(world: MessagesWorld, id: string): Promise<void> {
  await world.db.transaction(async (tx) => {
    const row = await deleteSubscription(tx, id);
    if (!row) throw new Refusal("not_found", `There is no subscription ${id}. GET /api/v1/subscriptions lists them.`);
    await world.events.append(tx, [
      { type: "subscription.removed", data: { projectId: row.project, subscriptionId: id, subscriberId: row.subscriber_id, topic: row.topic } },
    ]);
  });
  world.events.committed();
}
