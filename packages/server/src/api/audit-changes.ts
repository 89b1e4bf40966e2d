// What an entry of the audit log says of a change: how it stood before and after, as the API tells it, so without secrets, and only what somebody
// had set; seen by whoever changed it, in the transaction, so that it tells of nothing that others change at the same moment.
import { createHash } from "node:crypto";
import { agentInput, type AuditChanges, gateSetInput, type Json, messageRuleInput, projectInput, scheduleInput, templateInput } from "@baton/contract";
import type { HandledRoute } from "./api-world.ts";

const keysOf = ({ shape }: { shape: object }): string[] => Object.keys(shape);
const FIELDS = {
  agent: keysOf(agentInput),
  "API key": ["name", "role", "agent", "projects", "expiresAt"],
  "approval rule": ["scope", "taskId", "agentId", "rule"],
  budget: ["name", "scope", "subject", "period", "limits", "warnAt"],
  gates: keysOf(gateSetInput),
  "message rule": keysOf(messageRuleInput),
  project: keysOf(projectInput),
  schedule: keysOf(scheduleInput),
  secret: ["name", "projectId"],
  template: keysOf(templateInput),
  user: ["name", "role", "enabled", "projects"],
};
const CHANGED: Partial<Record<HandledRoute, keyof typeof FIELDS>> = {
  createAgent: "agent",
  createAgentFromTemplate: "agent",
  createAgentFromCatalogue: "agent",
  updateAgent: "agent",
  removeAgent: "agent",
  createApiKey: "API key",
  removeApiKey: "API key",
  removeApprovalRule: "approval rule",
  createBudget: "budget",
  updateBudget: "budget",
  removeBudget: "budget",
  putGates: "gates",
  removeGates: "gates",
  createMessageRule: "message rule",
  replaceMessageRule: "message rule",
  removeMessageRule: "message rule",
  createProject: "project",
  updateProject: "project",
  createSchedule: "schedule",
  updateSchedule: "schedule",
  removeSchedule: "schedule",
  createSecret: "secret",
  removeSecret: "secret",
  createTemplate: "template",
  replaceTemplate: "template",
  removeTemplate: "template",
  createUser: "user",
  updateUser: "user",
  removeUser: "user",
};
/** Longer values are told by their hash. */
const MAX_TEXT = 2000;

export interface Seen {
  before: object | undefined;
  after: object | undefined;
}
/**
 * @param seen by the verb, in the transaction that changed something: undefined for what was made, which is what was answered.
 * @returns null where nothing is told of it.
 */
export function changesBy(name: HandledRoute, seen: Seen | undefined, answer: unknown): AuditChanges | null {
  const noun = CHANGED[name];
  if (noun === undefined) return null;
  const { before, after } = seen ?? { before: undefined, after: name.startsWith("create") ? answer : undefined };
  return changesOf(FIELDS[noun], before as Told | undefined, after as Told | undefined);
}
type Told = Record<string, unknown>;
function changesOf(fields: readonly string[], before: Told | undefined, after: Told | undefined): AuditChanges | null {
  const changed = fields
    .map((field) => [field, short(before?.[field]), short(after?.[field])] as const)
    .filter(([, was, is]) => JSON.stringify(was) !== JSON.stringify(is))
    .map(([field, was, is]) => [field, { before: was, after: is }] as const);
  return changed.length === 0 ? null : Object.fromEntries(changed);
}
function short(value: unknown): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  if (text.length <= MAX_TEXT) return JSON.parse(text) as Json;
  return { sha256: createHash("sha256").update(text).digest("hex"), length: text.length };
}
