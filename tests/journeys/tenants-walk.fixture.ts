// How the contract is walked by strangers and members: which route is asked by whom, with what, and how answers are compared.
import { accessRoles, type AccessRole, rightsOf, type RouteName, routeReach, routeRights, routes } from "@baton/contract";
import { MARK } from "./tenants.fixture.ts";

export type Closed = keyof typeof routeReach;
export const NEVER = "00000000-never-was";
/** What a member would send where something must be sent. A route that names or makes something and demands more fails its member's walk. */
export const bodies: Partial<Record<Closed, object>> = {
  createAgent: { name: "made", connector: { kind: "dialin" } },
  createAgentFromTemplate: { templateId: "openai", name: "made-2", endpoint: "http://127.0.0.1:1/", force: true, capabilities: ["x"] },
  createAgentFromCatalogue: { entry: "code-reviewer", backing: { kind: "dialin" } },
  updateAgent: { description: MARK },
  actOnAgent: { action: "resume" },
  controlAgent: { action: "resume" },
  submitTask: { description: "Go.", requirements: ["nobody-has-this"] },
  previewTask: { description: "Go.", requirements: ["nobody-has-this"] },
  setTaskBudget: { attempts: 5 },
  decidePlan: { approve: true },
  decideTaskApproval: { name: `${MARK}-word`, decision: "approve" },
  decideApproval: { decision: "approve" },
  setSigning: { required: false },
  createSchedule: { name: "made", cron: "@daily", task: { description: "Go.", requirements: ["nobody-has-this"] } },
  updateSchedule: { enabled: true, task: { description: MARK } },
  createBudget: { name: "made", scope: "project", attempts: 1_000_000 },
  updateBudget: { attempts: 2_000_000 },
  createSession: { title: "made" },
  updateSession: { metadata: { said: "anew" } },
  addTurn: { content: "made" },
  addPin: { content: "made" },
  reviewWorkspace: { comments: [{ path: "file", text: MARK }] },
  sendMessage: { recipientId: "nobody-has-this" },
  acknowledgeMessage: { recipientId: `${MARK}-desk` },
  createMailbox: { name: "made" },
  createSubscription: { topic: "made" },
  createSecret: { name: "made", value: "a value of theirs" },
  replaceSecret: { value: "another value" },
  addSigningKey: { publicKey: Buffer.alloc(32, 1).toString("base64url") },
};
const mayAsk = (name: Closed, role: AccessRole): boolean => rightsOf[role].includes(routeRights[name]);
/** An admin is in all projects. */
const roles = accessRoles.filter((role) => role !== "admin");

/** Those that remove come last. */
const names = (Object.keys(routeReach) as Closed[]).toSorted((a, b) => Number(a.startsWith("remove")) - Number(b.startsWith("remove")));
export const cases = names.flatMap((name) => roles.filter((role) => mayAsk(name, role)).map((role): [Closed, AccessRole] => [name, role]));

export interface Answer {
  status: number;
  text: string;
}
interface Named {
  /** For each of its path. */
  params: string | Record<string, string>;
  query?: Record<string, string>;
  body?: object | undefined;
}
export async function ask(url: string, name: RouteName, key: string, given: Named): Promise<Answer> {
  const { method, path } = routes[name];
  const query = given.query === undefined ? "" : `?${new URLSearchParams(given.query)}`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const body = method === "GET" || method === "DELETE" ? {} : { body: JSON.stringify(given.body ?? {}) };
  const response = await fetch(
    url + path.replace(/\{(\w+)\}/g, (_, name: string) => (typeof given.params === "string" ? given.params : (given.params[name] ?? NEVER))) + query,
    { method, headers, ...body, signal: AbortSignal.timeout(60_000) },
  );
  return { status: response.status, text: await response.text() };
}
/** The answer without what differs from call to call. */
export const plain = ({ status, text }: Answer, id: string): string =>
  `${status} ${text
    .replaceAll(id, "ID")
    .replaceAll(NEVER, "ID")
    .replace(/"(instance|reference)":"[^"]*",?/g, "")}`;
/** @param shared the agent that is named beside it where its path names an agent, too. */
export function withNamed(body: object | undefined, path: string, id: string, shared: string): Named {
  const [where, ...rest] = path.split(".");
  const name = rest.join(".");
  if (where === "body" && rest[0] === "task")
    return { params: NEVER, body: { ...body, task: withNamed(Reflect.get(body ?? {}, "task"), `body.${rest[1]}`, id, shared).body } };
  if (where === "params") return { params: name === "id" ? id : { id: shared, [name]: id }, body };
  if (where === "query") return { params: NEVER, query: { [name]: id }, body };
  return {
    params: NEVER,
    body: {
      ...body,
      [name]: name === "dependsOn" ? [id] : id,
      ...(name === "backingAgent" ? { backing: undefined } : {}),
      ...(name === "agent" && "scope" in (body ?? {}) ? { scope: "agent" } : {}),
    },
  };
}
