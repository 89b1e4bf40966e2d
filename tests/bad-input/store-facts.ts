// What is stored, in numbers: unchanged by whatever was refused, and always in agreement with itself and with the API.
import type { EventType } from "@baton/contract";
import { createClient } from "@baton/client";
import type { Baton } from "@baton/server";
import { expect } from "vitest";
import { oneOf, sql } from "../../packages/server/src/store/sql.ts";

/** Of people's doing only: what agents do, and what is seen of them, goes on meanwhile. */
const DOINGS: readonly EventType[] = [
  "task.submitted",
  "task.paused",
  "task.resumed",
  "task.retried",
  "task.cancelled",
  "agent.registered",
  "agent.updated",
  "agent.removed",
  "agent.paused",
  "agent.resumed",
  "agent.draining",
  "agent.connected",
  "session.created",
  "session.updated",
  "session.removed",
  "session.pinned",
  "session.unpinned",
  "template.created",
  "template.updated",
  "template.removed",
  "message.sent",
  "message.redelivered",
  "mailbox.created",
  "mailbox.removed",
  "subscription.created",
  "subscription.removed",
];

/** Messages that were taken become tasks of agents without anybody's doing, in their own time. */
const ofPeople = sql`coalesce(idempotency_key, '') not like 'message/%'`;

/** One row that any change by a request alters. */
export async function factsOf({ world }: Baton): Promise<unknown> {
  const { db } = world;
  const [row] = await db.all(sql`select (select count(*) from agents) as agents, (select sum(version) from agents) as versions,
    (select count(*) from agent_loads) as loads, (select count(*) from tasks where ${ofPeople}) as tasks, (select sum(paused) from tasks) as paused,
    (select count(*) from task_steps where task_id in (select id from tasks where ${ofPeople})) as steps, (select count(*) from step_needs) as needs, (select count(*) from task_needs) as task_needs,
    (select count(*) from agent_config_templates) as templates, (select sum(updated_at) from agent_config_templates) as changes,
    (select count(*) from sessions) as sessions, (select count(*) from session_turns where role <> 'assistant') as turns, (select count(*) from session_pins) as pins,
    (select count(*) from messages) as messages, (select count(*) from message_deliveries) as deliveries, (select count(*) from mailboxes) as mailboxes,
    (select count(*) from message_subscriptions) as subscriptions,
    (select count(*) from events where type ${oneOf(DOINGS)} and data not like '%"observation"%'
      and (task_id is null or task_id in (select id from tasks where ${ofPeople}))) as doings`);
  return row;
}

/** Whatever was asked of it, the store is whole and the API tells what is in it. */
export async function expectWholeStore({ url, world }: Baton): Promise<void> {
  const { db } = world;
  const client = createClient({ url });
  const broken = async (statement: ReturnType<typeof sql>): Promise<void> => expect(await db.all(statement)).toEqual([]);
  await broken(sql`select id from tasks t where steps_total <> (select count(*) from task_steps s where s.task_id = t.id)`);
  await broken(
    sql`select id from tasks t where steps_left <> (select count(*) from task_steps s where s.task_id = t.id and s.status <> 'completed') and status <> 'failed'`,
  );
  await broken(sql`select task_id from task_steps s where not exists (select 1 from tasks t where t.id = s.task_id)`);
  await broken(sql`select task_id from task_needs n where not exists (select 1 from tasks t where t.id = n.needs_task_id)`);
  await broken(sql`select id from agents a where not exists (select 1 from agent_loads l where l.agent_id = a.id)`);
  await broken(sql`select c.status from task_counts c where c.n <> (select count(*) from tasks t where t.status = c.status)`);
  await broken(sql`select id from sessions s where turns <> (select count(*) from session_turns t where t.session_id = s.id)`);
  await broken(sql`select session_id from session_turns t where not exists (select 1 from sessions s where s.id = t.session_id)`);
  await broken(sql`select recipient_id from message_lanes l where waiting <> (select count(*) from message_deliveries d where d.recipient_id = l.recipient_id
    and d.sender_id = l.sender_id and d.priority = l.priority and d.state = 'queued' and coalesce(l.in_hand, '') not like '%,' || d.seq || ',%')`);
  await broken(sql`select recipient_id from message_lanes l where handed <> (select count(*) from message_deliveries d where d.recipient_id = l.recipient_id
    and d.sender_id = l.sender_id and d.priority = l.priority and d.state = 'queued' and l.in_hand like '%,' || d.seq || ',%')`);
  await broken(sql`select message_id from message_deliveries d where not exists (select 1 from messages m where m.id = d.message_id)`);
  await broken(sql`select id from messages m where request_state = 'answered' and not exists (select 1 from messages r where r.id = m.response_id)`);
  await broken(sql`select seq from events e where seq > 1 and not exists (select 1 from events b where b.seq = e.seq - 1)`);

  const [{ agents } = { agents: -1 }] = await db.all<{ agents: number }>(sql`select count(*) as agents from agents where admission <> 'removed'`);
  const [{ tasks } = { tasks: -1 }] = await db.all<{ tasks: number }>(sql`select count(*) as tasks from tasks`);
  expect((await client.listAgents({ query: { limit: 1 } })).total).toBe(agents);
  expect((await client.listTasks({ query: { limit: 1 } })).total).toBe(tasks);
  expect((await client.getAgentStats()).total).toBe(agents);
}
