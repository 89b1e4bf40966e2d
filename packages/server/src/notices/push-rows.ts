// SQL of notices: the key they are signed with, who is told, and the part of the log that is worth it.
import type { Event, EventType } from "@baton/contract";
import { iso } from "../std/clock.ts";
import type { Reader, Tx } from "../store/db.ts";
import { sql } from "../store/sql.ts";

export interface SubscriptionRow {
  id: string;
  /** null: of a server that asks nobody who they are. */
  user_id: string | null;
  login_id: string | null;
  endpoint: string;
  p256dh: string;
  auth: string;
  label: string;
  /** Up to where in the log it was told. */
  seen_seq: number;
  /** Not before: it is left in peace between two notices, and after a failure. */
  next_at: number;
  /** Another server is at it until then. */
  claimed_until: number | null;
  failures: number;
  failure: string | null;
  last_sent_at: number | null;
  created_at: number;
}
export type NewSubscriptionRow = Omit<SubscriptionRow, "seen_seq" | "claimed_until" | "failures" | "failure">;
interface KeyRow {
  public_key: string;
  private_key: string;
}
const one = <Row>(found: readonly Row[]): Row | undefined => found[0];

export const insertKey = (tx: Tx, { public_key, private_key }: KeyRow, now: number): Promise<number> =>
  tx.run(sql`insert into push_keys (id, public_key, private_key, created_at) values ('vapid', ${public_key}, ${private_key}, ${now}) on conflict do nothing`);
export const selectKey = async (db: Reader): Promise<KeyRow | undefined> =>
  one(await db.all<KeyRow>(sql`select public_key, private_key from push_keys where id = 'vapid'`));

const ownedBy = (userId: string | null) => (userId === null ? sql`user_id is null` : sql`user_id = ${userId}`);
export const selectSubscriptions = (db: Reader, userId: string | null): Promise<SubscriptionRow[]> =>
  db.all(sql`select * from push_subscriptions where ${ownedBy(userId)} order by created_at, id`);
export const selectCounts = async (db: Reader, userId: string | null, endpoint: string): Promise<{ own: number; all: number }> =>
  one(
    await db.all<{ own: number; all: number }>(
      sql`select count(case when ${ownedBy(userId)} then 1 end) as own, count(*) as "all" from push_subscriptions where endpoint <> ${endpoint}`,
    ),
  ) as { own: number; all: number };
/** Whoever shows an endpoint's keys last has it. It is told what happens from now on. */
export const putSubscription = async (tx: Tx, row: NewSubscriptionRow): Promise<SubscriptionRow> =>
  one(
    await tx.all<SubscriptionRow>(sql`insert into push_subscriptions
      (id, user_id, login_id, endpoint, p256dh, auth, label, seen_seq, next_at, failures, last_sent_at, created_at)
      select ${row.id}, ${row.user_id}, ${row.login_id}, ${row.endpoint}, ${row.p256dh}, ${row.auth}, ${row.label}, h.seq, ${row.next_at}, 0, ${row.last_sent_at}, ${row.created_at}
        from event_head h where h.one = 1
      on conflict (endpoint) do update set user_id = excluded.user_id, login_id = excluded.login_id, p256dh = excluded.p256dh, auth = excluded.auth, label = excluded.label,
        seen_seq = excluded.seen_seq, next_at = excluded.next_at, claimed_until = null, failures = 0, failure = null, last_sent_at = excluded.last_sent_at
      returning *`),
  ) as SubscriptionRow;
/** @returns false when it was not theirs. */
export const deleteOwnSubscription = async (tx: Tx, userId: string | null, id: string): Promise<boolean> =>
  (await tx.run(sql`delete from push_subscriptions where id = ${id} and ${ownedBy(userId)}`)) === 1;
export const deleteSubscription = (tx: Tx, id: string): Promise<number> => tx.run(sql`delete from push_subscriptions where id = ${id}`);

/** In the words of the index `events_noticeable`. */
const NOTICEABLE = sql`type in ('approval.opened', 'task.failed', 'conflict.detected')`;
/** Those that were not told yet of something that happened. */
export const selectDue = (db: Reader, now: number, limit: number): Promise<SubscriptionRow[]> =>
  db.all(sql`select * from push_subscriptions where seen_seq < (select max(seq) from events where ${NOTICEABLE}) and next_at <= ${now}
    and (claimed_until is null or claimed_until <= ${now}) order by next_at limit ${limit}`);
/** Of several servers one, until then. */
export const claim = async (tx: Tx, { id, seen_seq }: SubscriptionRow, now: number, until: number): Promise<boolean> =>
  (await tx.run(sql`update push_subscriptions set claimed_until = ${until}
    where id = ${id} and seen_seq = ${seen_seq} and (claimed_until is null or claimed_until <= ${now})`)) === 1;
export const settle = (tx: Tx, row: Pick<SubscriptionRow, "id" | "seen_seq" | "next_at" | "failures" | "failure" | "last_sent_at">): Promise<number> =>
  tx.run(sql`update push_subscriptions set seen_seq = ${row.seen_seq}, next_at = ${row.next_at}, failures = ${row.failures}, failure = ${row.failure},
    last_sent_at = ${row.last_sent_at}, claimed_until = null where id = ${row.id}`);

/** A fact with what it is about as that stands now. */
export interface Noticed {
  event: Event;
  title: string | null;
  /** A question that was answered, a conflict that is over, a task that goes on: nobody is needed any more. */
  isOver: boolean;
}
interface NoticedRow {
  seq: number;
  at: number;
  type: EventType;
  task_id: string | null;
  agent_id: string | null;
  data: string;
  title: string | null;
  status: string | null;
}
/** The oldest first. What was asked, and which conflict it is, is in the fact's JSON, so it is looked up by whoever reads that. */
export async function selectNoticeable(db: Reader, after: number, limit: number): Promise<Noticed[]> {
  const found = await db.all<NoticedRow>(sql`select e.seq, e.at, e.type, e.task_id, e.agent_id, e.data, coalesce(t.title, t.description) as title, t.status
    from (select * from events where ${NOTICEABLE} and seq > ${after} order by seq limit ${limit}) e left join tasks t on t.id = e.task_id order by e.seq`);
  const noticed: Noticed[] = [];
  for (const { seq, at, type, task_id, agent_id, data, title, status } of found) {
    const event = { seq, at: iso(at), type, taskId: task_id, stepId: null, attemptId: null, agentId: agent_id, data: JSON.parse(data) } satisfies Event;
    noticed.push({ event, title, isOver: type === "task.failed" ? status !== "failed" : !(await isOpen(db, event)) });
  }
  return noticed;
}
async function isOpen(db: Reader, { type, data }: Event): Promise<boolean> {
  const { approvalId = null, conflictId = null } = data as Record<string, string | null>;
  const found =
    type === "approval.opened"
      ? await db.all(sql`select 1 from approvals where id = ${approvalId} and state = 'open'`)
      : await db.all(sql`select 1 from conflicts where id = ${conflictId} and state = 'open'`);
  return found.length > 0;
}
