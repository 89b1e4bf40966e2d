// SQL of mailboxes, and of who gets what is sent to which topics.
import type { Reader, Tx } from "../store/db.ts";
import { join, oneOf, type Sql, sql } from "../store/sql.ts";

export interface MailboxRow {
  seq: number;
  name: string;
  description: string;
  created_at: number;
}
export interface SubscriptionRow {
  seq: number;
  id: string;
  subscriber_id: string;
  topic: string;
  created_at: number;
}
/** @returns false when the name is taken. */
export const insertMailbox = async (tx: Tx, row: Omit<MailboxRow, "seq">): Promise<boolean> =>
  (await tx.run(
    sql`insert into mailboxes (name, description, created_at) values (${row.name}, ${row.description}, ${row.created_at}) on conflict do nothing`,
  )) === 1;
export const deleteMailbox = (tx: Tx, name: string): Promise<number> => tx.run(sql`delete from mailboxes where name = ${name}`);
export const selectMailboxes = (db: Reader, names: readonly string[]): Promise<MailboxRow[]> => db.all(sql`select * from mailboxes where name ${oneOf(names)}`);
export const selectMailboxPage = (db: Reader, limit: number, offset: number): Promise<MailboxRow[]> =>
  db.all(sql`select * from mailboxes order by seq limit ${limit} offset ${offset}`);
export const countMailboxes = async (db: Reader): Promise<number> => (await db.all<{ n: number }>(sql`select count(*) as n from mailboxes`))[0]?.n ?? 0;
export const selectMailboxNames = async (db: Reader): Promise<string[]> =>
  (await db.all<{ name: string }>(sql`select name from mailboxes order by seq`)).map(({ name }) => name);

/** @returns false when there is one already. */
export const insertSubscription = async (tx: Tx, row: Omit<SubscriptionRow, "seq">): Promise<boolean> =>
  (await tx.run(sql`insert into message_subscriptions (id, subscriber_id, topic, created_at) values (${row.id}, ${row.subscriber_id}, ${row.topic}, ${row.created_at})
    on conflict do nothing`)) === 1;
export const deleteSubscription = async (tx: Tx, id: string): Promise<SubscriptionRow | undefined> =>
  (await tx.all<SubscriptionRow>(sql`delete from message_subscriptions where id = ${id} returning *`))[0];
export const deleteSubscriptionsOf = (tx: Tx, subscriberId: string): Promise<number> =>
  tx.run(sql`delete from message_subscriptions where subscriber_id = ${subscriberId}`);
export const selectSubscription = async (db: Reader, subscriberId: string, topic: string): Promise<SubscriptionRow | undefined> =>
  (await db.all<SubscriptionRow>(sql`select * from message_subscriptions where topic = ${topic} and subscriber_id = ${subscriberId}`))[0];
export const selectSubscriptionById = async (db: Reader, id: string): Promise<SubscriptionRow | undefined> =>
  (await db.all<SubscriptionRow>(sql`select * from message_subscriptions where id = ${id}`))[0];
export const selectSubscribers = (db: Reader, topics: readonly string[]): Promise<Pick<SubscriptionRow, "topic" | "subscriber_id">[]> =>
  db.all(sql`select topic, subscriber_id from message_subscriptions where topic ${oneOf(topics)} order by seq`);
export const selectSubscriptionPage = (
  db: Reader,
  { after, limit, subscriberId, topic }: { after: number; limit: number; subscriberId?: string | undefined; topic?: string | undefined },
): Promise<SubscriptionRow[]> => {
  const conditions: Sql[] = [sql`seq > ${after}`];
  if (subscriberId !== undefined) conditions.push(sql`subscriber_id = ${subscriberId}`);
  if (topic !== undefined) conditions.push(sql`topic = ${topic}`);
  return db.all(sql`select * from message_subscriptions where ${join(conditions, " and ")} order by seq limit ${limit}`);
};
