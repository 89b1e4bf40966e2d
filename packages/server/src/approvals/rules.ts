// What people said once and for all when they were asked: kept with the decision, looked at before anybody is asked again, and forgotten on demand.
import { type ApprovalDecision, type ApprovalRule, describeRule, fitsCommands, type OfferedRule, type Page, Refusal, type Remember } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { iso } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
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
  rule: { kinds: JSON.parse(row.kinds), ...listsOf(row), answer: row.answer },
  approvalId: row.approval_id,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
});
const listsOf = (row: RuleRow): Partial<OfferedRule> =>
  Object.fromEntries((["paths", "commands", "tools"] as const).flatMap((name) => (row[name] === null ? [] : [[name, JSON.parse(row[name])]])));
const toText = (list: readonly unknown[] | undefined): string | null => (list === undefined ? null : JSON.stringify(list));
const bad = (path: string, message: string): Refusal => new Refusal("bad_input", `${path}: ${message}.`, { issues: [{ path, message }] });

/** @throws Refusal `bad_input` when it is no permission that a rule could cover, or the rule says the opposite of the decision, or what nobody asked about. */
export function checkRemember({ kind, offer }: Pick<ApprovalRow, "kind" | "offer">, { decision, remember }: ApprovalDecision): void {
  if (!remember) return;
  if (kind !== "permission" || offer === null) throw bad("body.remember", "only a permission that comes with an offer can be decided for the next times");
  const answer = decision === "approve" ? "allow" : "deny";
  if (remember.rule.answer !== undefined && remember.rule.answer !== answer)
    throw bad("body.remember.rule.answer", `must be ${answer}, as the decision is ${decision}, or be left out`);
  checkAbout(JSON.parse(offer) as OfferedRule, remember.rule, answer);
}
/** A person saw one thing: what is remembered is that, or a part of what it is one of, and what allows says what. */
function checkAbout(offer: OfferedRule, rule: Remember["rule"], answer: "allow" | "deny"): void {
  const at = "body.remember.rule";
  const kind = rule.kinds.findIndex((one) => !offer.kinds.includes(one));
  if (kind >= 0) throw bad(`${at}.kinds[${kind}]`, `was not asked about; the question is about ${offer.kinds.join(", ")}`);
  const tool = rule.tools?.findIndex((one) => !offer.tools?.includes(one)) ?? -1;
  if (tool >= 0) throw bad(`${at}.tools[${tool}]`, `was not asked about; the question is about ${offer.tools?.join(", ") ?? "no tool by name"}`);
  const asked = (offer.commands ?? []).flatMap((pattern) => ("is" in pattern ? [pattern.is] : []));
  const command = rule.commands?.findIndex((pattern) => !asked.some((one) => fitsCommands([pattern], one, answer))) ?? -1;
  if (command >= 0)
    throw bad(
      `${at}.commands[${command}]`,
      `does not fit what was asked about${asked.length === 0 ? ", which is no command" : `, ${asked.map((one) => JSON.stringify(one)).join(", ")}: give it, or whole words it begins with, after which only words follow`}`,
    );
  if (answer === "deny") return;
  if (rule.kinds.includes("execute") && !rule.commands)
    throw bad(`${at}.commands`, "must be given: a yes to one command allows no others. The offer that came with the question names it");
  if (!rule.commands && !rule.paths && !rule.tools) throw bad(`${at}.paths`, "must be given, or tools: what allows says what it is about");
}
/** Within the transaction that decides. @throws Refusal `conflict` when there are too many. */
export async function insertRemembered(tx: Tx, id: string, row: ApprovalRow, { scope, rule }: Remember, now: number): Promise<NewEvent> {
  const about = scope === "task" ? { taskId: row.task_id ?? "" } : { agentId: row.agent_id ?? "" };
  if ((await countRules(tx, { ...about, scope: { projects: [row.project] } })) >= MAX_RULES)
    throw new Refusal("conflict", `There are ${MAX_RULES} rules for this ${scope} already. Forget some of them: GET /api/v1/approvals/rules lists them.`);
  const answer = row.state === "approved" ? "allow" : "deny";
  await insertRule(tx, {
    id,
    task_id: about.taskId ?? null,
    agent_id: about.agentId ?? null,
    kinds: JSON.stringify(rule.kinds),
    paths: toText(rule.paths),
    commands: toText(rule.commands),
    tools: toText(rule.tools),
    answer,
    approval_id: row.id,
    project: row.project,
    created_by: row.decided_by ?? "",
    created_at: now,
  });
  return {
    type: "approval.remembered",
    ...about,
    data: { projectId: row.project, approvalId: row.id, ruleId: id, answer, rule: describeRule(rule).slice(0, 500), by: row.decided_by },
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
export async function removeRule({ db, events }: { db: Db; events: EventLog }, id: string, by: string, saw?: Saw<ApprovalRule>): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await deleteRule(tx, id);
    if (!row) throw new Refusal("not_found", `There is no rule ${id}. GET /api/v1/approvals/rules lists them.`);
    saw?.(toRule(row), undefined);
    const about = { taskId: row.task_id ?? undefined, agentId: row.agent_id ?? undefined };
    await events.append(tx, [{ type: "approval.forgotten", ...about, data: { projectId: row.project, ruleId: id, by } }]);
  });
  events.committed();
}
