// A person's decision on an approval. What an agent asked is told to whoever waits for the answer; what a task as a whole asks changes the
// task in the same transaction.
import { type Approval, type ApprovalDecision, type NamedDecision, Refusal } from "@baton/contract";
import { type ApprovalRow, decideQuestion, getApproval, refuseDecided, selectApproval, selectNamed, toApproval, toClosing } from "../approvals/approvals.ts";
import { isOfTask, settleApproval } from "./approval-settled.ts";
import { type CommandWorld, command, getTaskRow } from "./commands.ts";

/** @param by who decides, as the log and the row will say. @throws Refusal `not_found`; `conflict` when it is not open any more. */
export async function decideApproval(world: CommandWorld, id: string, decision: ApprovalDecision, by: string): Promise<Approval> {
  const { kind, taskId } = await getApproval(world, id);
  if (taskId === null || !isOfTask(kind)) return decideQuestion(world, id, decision, by);
  if (decision.remember) throw new Refusal("bad_input", "body.remember: only a permission that an agent asks for can be decided for the next times.");
  let decided: ApprovalRow | undefined;
  await command(world, taskId, async (tx, task, draft, now) => {
    decided = await settleApproval(tx, task, id, toClosing(decision, by, now), draft);
    if (!decided) throw refuseDecided((await selectApproval(tx, id)) as ApprovalRow);
  });
  return toApproval(decided as ApprovalRow);
}
/** @throws Refusal `not_found` for a name the task does not require; `conflict` when it is not open any more. */
export async function decideNamed(world: CommandWorld, taskId: string, { name, ...decision }: NamedDecision, by: string): Promise<Approval> {
  const { id } = await getTaskRow(world, taskId);
  const asked = await selectNamed(world.db, id);
  // The newest: after a no and a retry it is asked for anew.
  const found = asked.findLast((one) => one.name === name);
  if (found) return decideApproval(world, found.id, decision, by);
  const names = [...new Set(asked.map((one) => one.name))].join(", ");
  throw new Refusal("not_found", `Task ${id} requires no approval ${JSON.stringify(name)}; ${names === "" ? "it requires none" : `it requires ${names}`}.`);
}
