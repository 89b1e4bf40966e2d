// What people said once and for all when they were asked: kept with the decision, looked at before anybody is asked again, and forgotten on demand.
import { type ApprovalDecision, type ApprovalRule, describeRule, type Page, Refusal, type Remember } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { iso } from "../std/clock.ts";
import type { Db, Reader, Tx } from "../store/db.ts";
import type { ApprovalRow } from "./approval-rows.ts";
import { countRules, deleteRule, insertRule, type RuleFilter, type RuleRow, selectRulePage, selectRulesFor } from "./rule-rows.ts";

/** Of one task, or one agent: all of them are looked at whenever a person would be asked. */
const MAX_RULES = 200;

const toRule = (row: RuleRow): ApprovalRule => ({
  id: row.id,
  scope: row.task_id === null ? "agent" : "task",
  taskId: row.task_id,
  agentId: row.agent_id,
  rule: { kinds: JSON.parse(row.kinds), ...(row.paths === null ? {} : { paths: JSON.parse(row.paths) }), answer: row.answer },
  approvalId: row.approval_id,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
});
const bad = (path: string, message: string): Refusal => new Refusal("bad_input", `${path}: ${message}.`, { issues: [{ path, message }] });

/** @throws Refusal `bad_input` when it is no permission that a rule could cover, or the rule says the opposite of the decision. */
export function checkRemember({ kind, offer }: Pick<ApprovalRow, "kind" | "offer">, { decision, remember }: ApprovalDecision): void {
  if (!remember) return;
  if (kind !== "permission" || offer === null) throw bad("body.remember", "only a permission that comes with an offer can be decided for the next times");
  const answer = decision === "approve" ? "allow" : "deny";
  if (remember.rule.answer !== undefined && remember.rule.answer !== answer)
    throw bad("body.remember.rule.answer", `must be ${answer}, as the decision is ${decision}, or be left out`);
}
/** Within the transaction that decides. @throws Refusal `conflict` when there are too many. */
export async function insertRemembered(tx: Tx, id: string, row: ApprovalRow, { scope, rule }: Remember, now: number): Promise<NewEvent> {
  const about = scope === "task" ? { taskId: row.task_id ?? "" } : { agentId: row.agent_id ?? "" };
  if ((await countRules(tx, about)) >= MAX_RULES)
    throw new Refusal("conflict", `There are ${MAX_RULES} rules for this ${scope} already. Forget some of them: GET /api/v1/approvals/rules lists them.`);
  const answer = row.state === "approved" ? "allow" : "deny";
  await insertRule(tx, {
    id,
    task_id: about.taskId ?? null,
    agent_id: about.agentId ?? null,
    kinds: JSON.stringify(rule.kinds),
    paths: rule.paths === undefined ? null : JSON.stringify(rule.paths),
    answer,
    approval_id: row.id,
    created_by: row.decided_by ?? "",
    created_at: now,
  });
  return {
    type: "approval.remembered",
    ...about,
    data: { approvalId: row.id, ruleId: id, answer, rule: describeRule(rule).slice(0, 500), by: row.decided_by },
  };
}
/** What was said for this task and this agent, newest first. */
export const findRules = async (db: Reader, taskId: string, agentId: string): Promise<ApprovalRule[]> =>
  (await selectRulesFor(db, taskId, agentId)).map(toRule);

export async function listRules({ db }: { db: Db }, { limit, offset, ...filter }: RuleFilter & { limit: number; offset: number }): Promise<Page<ApprovalRule>> {
  const [rows, total] = await Promise.all([selectRulePage(db, filter, limit, offset), countRules(db, filter)]);
  return { items: rows.map(toRule), total, limit, offset };
}
/** @throws Refusal `not_found`. */
export async function removeRule({ db, events }: { db: Db; events: EventLog }, id: string, by: string): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await deleteRule(tx, id);
    if (!row) throw new Refusal("not_found", `There is no rule ${id}. GET /api/v1/approvals/rules lists them.`);
    const about = { taskId: row.task_id ?? undefined, agentId: row.agent_id ?? undefined };
    await events.append(tx, [{ type: "approval.forgotten", ...about, data: { ruleId: id, by } }]);
  });
  events.committed();
}
