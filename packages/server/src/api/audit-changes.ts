// What an entry of the audit log says of a change: how it stood before and after, as the API told it at the time, so without secrets, and only
// what somebody had set. Of what others change at the same moment it may tell, too.
import { createHash } from "node:crypto";
import { agentInput, type AuditChanges, gateSetInput, type Json, messageRuleInput, projectInput, Refusal, scheduleInput, templateInput } from "@baton/contract";
import type { HandledRoute, Handlers } from "./api-world.ts";

interface Noun {
  /** The route that tells of it: of one by `params.id`, or of many, among which it is looked for. */
  one?: HandledRoute;
  many?: HandledRoute;
  fields: readonly string[];
}
const keysOf = ({ shape }: { shape: object }): string[] => Object.keys(shape);
const NOUNS = {
  agent: { one: "getAgent", fields: keysOf(agentInput) },
  "API key": { many: "listApiKeys", fields: ["name", "role", "agent", "projects", "expiresAt"] },
  "approval rule": { many: "listApprovalRules", fields: ["scope", "taskId", "agentId", "rule"] },
  budget: { one: "getBudget", fields: ["name", "scope", "subject", "period", "limits", "warnAt"] },
  gates: { many: "listGates", fields: keysOf(gateSetInput) },
  "message rule": { one: "getMessageRule", fields: keysOf(messageRuleInput) },
  project: { one: "getProject", fields: keysOf(projectInput) },
  schedule: { one: "getSchedule", fields: keysOf(scheduleInput) },
  secret: { many: "listSecrets", fields: ["name", "projectId"] },
  template: { one: "getTemplate", fields: keysOf(templateInput) },
  user: { many: "listUsers", fields: ["name", "role", "enabled", "projects"] },
} satisfies Record<string, Noun>;
const CHANGED: Partial<Record<HandledRoute, keyof typeof NOUNS>> = {
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
const PAGE = 500;

/** What a handler is asked with; it is asked again with other ids. */
type Asked = Record<string, unknown> & { params: unknown; body: unknown };
type Told = Record<string, unknown>;
type Ask = (request: object) => Promise<{ answer?: unknown }>;

/**
 * To be called before a route's handler. @returns what is to be called with its answer once it is done, and tells what changed;
 * undefined for routes of which nothing is told.
 */
export async function watchChange(
  handlers: Handlers,
  name: HandledRoute,
  asked: Asked,
): Promise<((answer: unknown) => Promise<AuditChanges | null>) | undefined> {
  const known = CHANGED[name];
  if (known === undefined) return undefined;
  const noun: Noun = NOUNS[known];
  const named = textAt(asked.params, "id") ?? textAt(asked.body, "repository");
  const before = named === undefined ? undefined : await find(handlers, noun, named, asked);
  return async (answer) => {
    const id = textAt(answer, "id") ?? textAt(answer, "name") ?? named;
    const after = name.startsWith("remove") || id === undefined ? undefined : await find(handlers, noun, id, asked);
    return changesOf(noun.fields, before, after);
  };
}
async function find(handlers: Handlers, { one, many }: Noun, id: string, asked: Asked): Promise<Told | undefined> {
  const ask = (route: HandledRoute, request: object) =>
    (handlers[route] as unknown as Ask)({ ...asked, body: undefined, idempotencyKey: undefined, ifMatch: undefined, ...request });
  if (one !== undefined) {
    const told = await ask(one, { params: { id }, query: undefined }).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "not_found") return { answer: undefined };
      throw error;
    });
    return told.answer as Told | undefined;
  }
  for (let offset = 0; many !== undefined; offset += PAGE) {
    const { items } = (await ask(many, { params: undefined, query: { limit: PAGE, offset } })).answer as { items: Told[] };
    const found = items.find((item) => item["id"] === id || item["name"] === id || item["repository"] === id);
    if (found !== undefined || items.length < PAGE) return found;
  }
  return undefined;
}
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
function textAt(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" ? found : undefined;
}
