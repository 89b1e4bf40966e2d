// The tables of messages, mailboxes and subscriptions, and what was added to them.
import type { Dialect } from "./sql.ts";

export function messages(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  const hot = dialect === "postgres" ? " with (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)" : "";
  return [
    // encoding: how payload is written: json, or packed, sealed, both. remove_at: only of those that went to nobody; others go with their deliveries.
    `create table messages (${seq}, id ${key} not null unique, sender_id ${key} not null, recipient_id ${key}, message_type text not null, pattern text not null,
      priority int not null, topic ${key}, payload text not null, encoding text not null, metadata text not null, correlation_id ${key}, reply_to ${key},
      signature text, sensitive int not null, created_at bigint not null, expires_at bigint not null, recipients int not null, content_hash text not null,
      request_state text, answer_by bigint, response_id ${key}, remove_at bigint)`,
    `create index messages_sender on messages (sender_id, seq)`,
    `create index messages_recipient on messages (recipient_id, seq) where recipient_id is not null`,
    `create index messages_topic on messages (topic, seq) where topic is not null`,
    `create index messages_correlation on messages (correlation_id, seq) where correlation_id is not null`,
    `create index messages_asked on messages (answer_by) where request_state = 'waiting'`,
    `create index messages_removal on messages (remove_at) where remove_at is not null`,

    `create table message_deliveries (${seq}, message_id ${key} not null, recipient_id ${key} not null, sender_id ${key} not null, priority int not null,
      queue_key bigint not null, state text not null, tries int not null, reason text, expires_at bigint not null, remove_at bigint)${hot}`,
    `create unique index message_deliveries_message on message_deliveries (message_id, recipient_id)`,
    `create index message_deliveries_lane on message_deliveries (recipient_id, sender_id, priority, seq) where state in ('queued', 'handed')`,
    `create index message_deliveries_open on message_deliveries (recipient_id, seq) where state in ('queued', 'handed')`,
    `create index message_deliveries_expiry on message_deliveries (expires_at) where state = 'queued'`,
    `create index message_deliveries_dead on message_deliveries (seq) where state = 'dead'`,
    `create index message_deliveries_dead_of on message_deliveries (recipient_id, seq) where state = 'dead'`,
    `create index message_deliveries_removal on message_deliveries (remove_at) where remove_at is not null`,

    // From one sender to one recipient with one priority: whoever changes one of its deliveries has locked its row, so that what is in it stays in order.
    `create table message_lanes (recipient_id ${key} not null, sender_id ${key} not null, priority int not null, state text not null, waiting int not null, handed int not null,
      head_key bigint, due_at bigint, rest_until bigint, touched_at bigint not null, primary key (recipient_id, sender_id, priority))${hot}`,
    `create index message_lanes_ready on message_lanes (recipient_id, head_key) where state = 'ready'`,
    `create index message_lanes_due on message_lanes (due_at) where state in ('handed', 'resting')`,
    `create index message_lanes_idle on message_lanes (touched_at) where state = 'empty'`,
    `create index message_lanes_busy on message_lanes (recipient_id, waiting, handed) where state <> 'empty'`,

    `create table mailboxes (${seq}, name ${key} not null unique, description text not null, created_at bigint not null)`,
    `create table message_subscriptions (${seq}, id ${key} not null unique, subscriber_id ${key} not null, topic ${key} not null, created_at bigint not null)`,
    `create unique index message_subscriptions_topic on message_subscriptions (topic, subscriber_id)`,
    `create index message_subscriptions_subscriber on message_subscriptions (subscriber_id, seq)`,
  ];
}

/** So that what is handed out at once is bounded before it is read. */
export function messageSizes(): string[] {
  return [`alter table message_deliveries add column bytes bigint not null default 0`];
}

/** What somebody has is said by its lane, so that handing out writes no delivery; in_hand: `,1,2,3,`. */
export function messagesInHand(dialect: Dialect): string[] {
  const list = dialect === "postgres" ? "string_agg(d.seq::text, ',' order by d.seq)" : "group_concat(d.seq, ',')";
  return [
    `alter table message_lanes add column in_hand text`,
    `update message_lanes set in_hand = (select ',' || ${list} || ',' from message_deliveries d where d.recipient_id = message_lanes.recipient_id
      and d.sender_id = message_lanes.sender_id and d.priority = message_lanes.priority and d.state = 'handed') where handed > 0`,
    `update message_deliveries set state = 'queued', tries = tries - 1 where state = 'handed'`,
    `drop index message_deliveries_lane`,
    `drop index message_deliveries_open`,
    `create index message_deliveries_lane on message_deliveries (recipient_id, sender_id, priority, seq) where state = 'queued'`,
    `create index message_deliveries_open on message_deliveries (recipient_id, seq) where state = 'queued'`,
  ];
}

/** How an agent gets what it is sent. */
export function messageWays(): string[] {
  return [`alter table agents add column messages text not null default 'auto'`];
}

/** Who may send what to whom. Parties, types, topics and patterns are JSON lists. */
export function messageRules(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `create table message_rules (${seq}, id ${key} not null unique, name ${key} not null unique, description text not null, effect text not null, from_parties text not null,
      to_parties text not null, message_types text not null, topics text not null, patterns text not null, created_at bigint not null, updated_at bigint not null)`,
  ];
}

/** Keys agents sign their messages with. policies: one row, whose number changes with every rule of who may send what and how. */
export function signing(dialect: Dialect): string[] {
  const seq = dialect === "postgres" ? "seq bigint generated always as identity primary key" : "seq integer primary key";
  const key = dialect === "postgres" ? 'text collate "C"' : "text";
  return [
    `create table signing_keys (${seq}, id ${key} not null unique, agent_id ${key} not null, created_at bigint not null, retired_at bigint)`,
    `create index signing_keys_agent on signing_keys (agent_id, seq)`,
    `create table signing_required (agent_id ${key} primary key)`,
    `create table message_policies (one int primary key, version bigint not null)`,
    `insert into message_policies (one, version) values (1, 0)`,
  ];
}
