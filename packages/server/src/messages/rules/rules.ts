// The rules of who may send what to whom: kept in the store, held from the next message on, on every server.
import { type MessageRule, type Page, type ParsedMessageRule, Refusal } from "@baton/contract";
import type { Saw } from "../../std/saw.ts";
import type { Tx } from "../../store/db.ts";
import type { MessagesWorld } from "../messages-world.ts";
import { countUpPolicyVersion } from "../policy-rows.ts";
import { countRules, deleteRule, insertRule, type RuleRow, selectRule, selectRulePage, updateRule } from "./rule-rows.ts";
import { toRow, toRule } from "./to-rule.ts";

const MAX_RULES = 1000;

export async function listMessageRules({ db }: MessagesWorld, { limit, offset }: { limit: number; offset: number }): Promise<Page<MessageRule>> {
  const [rows, total] = await Promise.all([selectRulePage(db, limit, offset), countRules(db)]);
  return { items: rows.map(toRule), total, limit, offset };
}
async function find(db: Pick<Tx, "all">, idOrName: string): Promise<RuleRow> {
  const row = await selectRule(db, idOrName);
  if (!row) throw new Refusal("not_found", `There is no message rule ${idOrName}. GET /api/v1/message-rules lists them.`);
  return row;
}
/** @throws Refusal `not_found`. */
export const getMessageRule = async ({ db }: MessagesWorld, idOrName: string): Promise<MessageRule> => toRule(await find(db, idOrName));

/** @throws Refusal `name_taken`, `conflict` for too many. */
export async function createMessageRule(world: MessagesWorld, input: ParsedMessageRule): Promise<MessageRule> {
  const now = world.clock.now();
  const row = { ...toRow(input), id: world.newId(), created_at: now, updated_at: now };
  await change(world, "created", async (tx) => {
    if ((await countRules(tx)) >= MAX_RULES) throw new Refusal("conflict", `There are ${MAX_RULES} message rules, and no more are taken. Remove some.`);
    if (!(await insertRule(tx, row)))
      throw new Refusal("name_taken", `There is a message rule ${input.name} already. Choose another name, or replace that one.`);
    return row;
  });
  return getMessageRule(world, row.id);
}
/** All of it but its name. @throws Refusal `not_found`, `conflict` for another name. */
export async function replaceMessageRule(world: MessagesWorld, idOrName: string, input: ParsedMessageRule, saw?: Saw<MessageRule>): Promise<MessageRule> {
  const { id } = await change(world, "updated", async (tx) => {
    const known = await find(tx, idOrName);
    if (known.name !== input.name) throw new Refusal("conflict", `This rule is ${known.name}, and keeps its name. Remove it and create ${input.name}.`);
    const changed = { ...known, ...toRow(input), updated_at: world.clock.now() };
    await updateRule(tx, changed);
    saw?.(toRule(known), toRule(changed));
    return known;
  });
  return getMessageRule(world, id);
}
/** @throws Refusal `not_found`. */
export async function removeMessageRule(world: MessagesWorld, idOrName: string, saw?: Saw<MessageRule>): Promise<void> {
  await change(world, "removed", async (tx) => {
    const known = await find(tx, idOrName);
    await deleteRule(tx, known.id);
    saw?.(toRule(known), undefined);
    return known;
  });
}
async function change<Row extends { id: string; name: string }>(
  world: MessagesWorld,
  what: "created" | "updated" | "removed",
  how: (tx: Tx) => Promise<Row>,
): Promise<Row> {
  const row = await world.db.transaction(async (tx) => {
    // First: it locks the one row that all changes of rules count up, so that they come one after another.
    await countUpPolicyVersion(tx);
    const changed = await how(tx);
    await world.events.append(tx, [{ type: `message_rule.${what}`, data: { ruleId: changed.id, name: changed.name } }]);
    return changed;
  });
  world.events.committed();
  return row;
}
