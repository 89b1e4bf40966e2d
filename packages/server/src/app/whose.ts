// Whose something is, by what it is called: asked by the doors before anything of it is told.
import type { Noun } from "@baton/contract";
import type { Owner } from "../api/reach.ts";
import { selectApproval } from "../approvals/approval-rows.ts";
import { selectRule } from "../approvals/rule-rows.ts";
import { selectVerdict } from "../gates/gate-rows.ts";
import { selectLanding } from "../landing/landing-rows.ts";
import { selectConflict } from "../conflicts/conflict-rows.ts";
import { selectCheckpoint } from "../workspaces/checkpoint-rows.ts";
import { selectWorkspace } from "../workspaces/workspace-rows.ts";
import { selectSubscriptionById } from "../messages/address-rows.ts";
import { selectDeliveries } from "../messages/delivery-rows.ts";
import { findPlace } from "../messages/mailboxes.ts";
import { selectMessage } from "../messages/message-rows.ts";
import { selectNamed } from "../access/project-rows.ts";
import { selectSchedule } from "../schedules/schedule-rows.ts";
import { selectSession } from "../sessions/session-rows.ts";
import { selectBudget } from "../budgets/budgets.ts";
import { selectAttempt } from "../tasks/attempt-rows.ts";
import { selectTask } from "../tasks/task-rows.ts";
import type { World } from "./world.ts";

type Found = Owner | undefined | Promise<Owner | undefined>;

export function openWhose({ db, registry, secrets }: Pick<World, "db" | "registry" | "secrets">): (noun: Noun, id: string) => Found {
  const agent = (id: string): Owner | undefined => {
    const known = registry.find(id);
    if (!known) return undefined;
    return known.row.project_id === null ? { shared: true } : { project: known.row.project_id };
  };
  const of = (row: { project: string } | undefined): Owner | undefined => row && { project: row.project };
  const task = async (id: string): Promise<Owner | undefined> => {
    const row = await selectTask(db, id);
    return row && { project: row.project_id };
  };
  const finders: Record<Noun, (id: string) => Found> = {
    agent,
    "managed agent": agent,
    task,
    attempt: async (id) => {
      const row = await selectAttempt(db, id);
      return row && task(row.task_id);
    },
    approval: async (id) => of(await selectApproval(db, id)),
    "approval rule": async (id) => of(await selectRule(db, id)),
    workspace: async (id) => of(await selectWorkspace(db, id)),
    checkpoint: async (id) => of(await selectCheckpoint(db, id)),
    landing: async (id) => of(await selectLanding(db, id)),
    verdict: async (id) => of(await selectVerdict(db, id)),
    message: async (id) => of(await selectMessage(db, id)),
    "dead letter": async (id) => (/^\d{1,15}$/.test(id) ? of((await selectDeliveries(db, [Number(id)]))[0]) : undefined),
    mailbox: async (id) => of(await findPlace({ db, registry }, id)),
    subscription: async (id) => of(await selectSubscriptionById(db, id)),
    conflict: async (id) => of(await selectConflict(db, id)),
    project: async (name) => ((await selectNamed(db, [name])).length === 0 ? undefined : { project: name }),
    secret: secrets.whose,
    schedule: async (id) => {
      const row = await selectSchedule(db, id);
      return row && { project: row.project_id };
    },
    budget: async (id) => of(await selectBudget(db, id)),
    session: async (id) => {
      const row = await selectSession(db, id);
      return row && { project: row.project_id };
    },
  };
  return (noun, id) => finders[noun](id);
}
