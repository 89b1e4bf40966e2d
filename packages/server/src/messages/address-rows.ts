// SQL of mailboxes, and of who gets what is sent to which topics.
import { ALL_PROJECTS } from "@baton/contract";
import { countUpTo, type Reader, type Tx } from "../store/db.ts";
import { type Scope, withinNamed } from "../store/scope.ts";
import { join, oneOf, type Sql, sql } from "../store/sql.ts";

export interface MailboxRow {
  seq: number;
  name: string;
  description: string;
  /** `*`: all share it. */
  project: string;
  created_at: number;
}
export interface SubscriptionRow {
  seq: number;
  id: string;
  subscriber_id: string;
  topic: string;
  /** Of who subscribed. */
  project: string;
  created_at: number;
}
/** @returns false when the name is taken. */
export const insertMailbox = async (tx: Tx, row: Omit<MailboxRow, "seq">): Promise<boolean> =>
  (await tx.run(
    sql`insert into mailboxes (name, description, project, created_at) values (${row.name}, ${row.description}, ${row.project}, ${row.created_at}) on conflict do nothing`,
  )) === 1;
export const deleteMailbox = (tx: Tx, name: string): Promise<number> => tx.run(sql`delete from mailboxes where name = ${name}`);
export const selectMailboxes = (db: Reader, names: readonly string[]): Promise<MailboxRow[]> => db.all(sql`select * from mailboxes where name ${oneOf(names)}`);
/** Those of the projects, and those that all share. */
const inReach = ({ projects }: Scope): Sql => (projects === "all" ? sql`` : sql` where project ${oneOf([...projects, ALL_PROJECTS])}`);
export const selectMailboxPage = (db: Reader, scope: Scope, limit: number, offset: number): Promise<MailboxRow[]> =>
  db.all(sql`select * from mailboxes${inReach(scope)} order by seq limit ${limit} offset ${offset}`);
export const countMailboxes = (db: Reader, scope: Scope): Promise<number> => countUpTo(db, sql`mailboxes${inReach(scope)}`);
export const selectAllMailboxes = (db: Reader): Promise<Pick<MailboxRow, "name" | "project">[]> =>
  db.all(sql`select name, project from mailboxes order by seq`);

/** @returns false when there is one already. */
export const insertSubscription = async (tx: Tx, row: Omit<SubscriptionRow, "seq">): Promise<boolean> =>
  (await tx.run(sql`insert into message_subscriptions (id, subscriber_id, topic, project, created_at) values (${row.id}, ${row.subscriber_id}, ${row.topic}, ${row.project}, ${row.created_at})
    on conflict do nothing`)) === 1;
export const deleteSubscription = async (tx: Tx, id: string): Promise<SubscriptionRow | undefined> =>
  (await tx.all<SubscriptionRow>(sql`delete from message_subscriptions where id = ${id} returning *`))[0];
export const deleteSubscriptionsOf = (tx: Tx, subscriberId: string): Promise<number> =>
  tx.run(sql`delete from message_subscriptions where subscriber_id = ${subscriberId}`);
export const selectSubscription = async (db: Reader, subscriberId: string, topic: string): Promise<SubscriptionRow | undefined> =>
  (await db.all<SubscriptionRow>(sql`select * from message_subscriptions where topic = ${topic} and subscriber_id = ${subscriberId}`))[0];
export const selectSubscriptionById = async (db: Reader, id: string): Promise<SubscriptionRow | undefined> =>
  (await db.all<SubscriptionRow>(sql`select * from message_subscriptions where id = ${id}`))[0];
export const selectSubscribers = (db: Reader, topics: readonly string[]): Promise<Pick<SubscriptionRow, "topic" | "subscriber_id" | "project">[]> =>
  db.all(sql`select topic, subscriber_id, project from message_subscriptions where topic ${oneOf(topics)} order by seq`);
export const selectSubscriptionPage = (
  db: Reader,
  { scope, after, limit, subscriberId, topic }: { scope: Scope; after: number; limit: number; subscriberId?: string | undefined; topic?: string | undefined },
): Promise<SubscriptionRow[]> => {
  const conditions: Sql[] = [sql`seq > ${after}`, ...withinNamed(scope, sql`project`)];
  if (subscriberId !== undefined) conditions.push(sql`subscriber_id = ${subscriberId}`);
  if (topic !== undefined) conditions.push(sql`topic = ${topic}`);
  return db.all(sql`select * from message_subscriptions where ${join(conditions, " and ")} order by seq limit ${limit}`);
};
