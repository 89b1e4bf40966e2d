// What a person said once and for all when asked: agents may, or may not, do this kind of thing to these files, run these commands, call these
// tools, for a task or for an agent. Asked for only where the rules of a registration say that a person is to be asked.
import { z } from "zod";
import { describeCommand } from "./command-pattern.ts";
import { id, instant, pageQuery } from "./json.ts";
import { permissionRule } from "./permission.ts";

/** `task`: for every agent that works on it. `agent`: whatever it works on. */
export const ruleScopes = ["task", "agent"] as const;
const fitting = permissionRule.omit({ answer: true }).extend({
  /** Never every kind: what is remembered says what it is about. */
  kinds: permissionRule.shape.kinds.unwrap(),
});
/** A rule of the shape of a registration's. */
export const offeredRule = fitting;
export type OfferedRule = z.infer<typeof offeredRule>;
export const remember = z.strictObject({
  scope: z.enum(ruleScopes),
  /**
   * What was offered, or a part of it: other paths, how the command begins instead of the command. `answer`: allow when it is said with a yes, deny with
   * a no; it may be left out. What allows names paths or tools, and commands where it is about those: a yes to one command is none to every other.
   */
  rule: fitting.extend({ answer: z.enum(["allow", "deny"]).optional() }),
});
export type Remember = z.infer<typeof remember>;
export const approvalRule = z.object({
  id: z.string(),
  scope: z.enum(ruleScopes),
  taskId: z.string().nullable(),
  agentId: z.string().nullable(),
  rule: fitting.extend({ answer: z.enum(["allow", "deny"]) }),
  /** The question it was said to. */
  approvalId: z.string(),
  createdBy: z.string(),
  createdAt: instant,
});
export type ApprovalRule = z.infer<typeof approvalRule>;
export const approvalRuleQuery = pageQuery.extend({ taskId: id.optional(), agentId: id.optional() });

/** "edit under src/", `execute "npm test"`, `execute what begins with "npm run"`. */
export function describeRule({ kinds, paths, commands, tools }: OfferedRule): string {
  const about = [...(tools ? [`with ${tools.join(", ")}`] : []), ...(commands ?? []).map(describeCommand)];
  const where = paths?.map((glob) => (glob === "**" ? "in the working directory" : glob.endsWith("/**") ? `under ${glob.slice(0, -2)}` : `in ${glob}`));
  return [kinds.join(", "), ...(about.length === 0 && !where ? ["anything"] : [about.join(" or "), (where ?? []).join(", ")])]
    .filter((part) => part !== "")
    .join(" ");
}
