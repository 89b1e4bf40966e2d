// The migration of notices by Web Push; its place among the others is in migrations.ts.
import type { Dialect } from "./sql.ts";

export function pushSubscriptions(dialect: Dialect): string[] {
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    // One row, made when it is first asked for. private_key: a JWK, sealed.
    `create table push_keys (id ${key} primary key, public_key text not null, private_key text not null, created_at bigint not null)`,
    // user_id null: of a server that asks nobody who they are. login_id: the login it was asked for by. seen_seq: up to where in the log it was told.
    `create table push_subscriptions (id ${key} primary key, user_id ${key}, login_id ${key}, endpoint ${key} not null unique, p256dh text not null, auth text not null, label text not null,
      seen_seq bigint not null, next_at bigint not null, claimed_until bigint, failures int not null, failure text, last_sent_at bigint, created_at bigint not null)`,
    `create index push_subscriptions_user on push_subscriptions (user_id, created_at)`,
    `create index push_subscriptions_login on push_subscriptions (login_id) where login_id is not null`,
    `create index push_subscriptions_seen on push_subscriptions (seen_seq)`,
    // In the words of notices/push-rows.ts, so that it is used: what nobody is told of costs nothing.
    `create index events_noticeable on events (seq) where type in ('approval.opened', 'task.failed', 'conflict.detected')`,
  ];
}
