// What holds for one HTTP agent: its template's mapping with its own fields in place of the template's, and whether all of it can work.
import { type AuthConfig, type HttpConnector, type Issue, type Json, Refusal, type RequestMapping, type ResponseMapping, type Template } from "@baton/contract";
import { pathIssues, pathProblem } from "../../std/json-path.ts";
import { headerIssues } from "../request-headers.ts";

export type HttpAgentSettings = Pick<HttpConnector, "template" | "mapping" | "auth" | "config">;
export interface HttpSettings {
  request: RequestMapping;
  response: ResponseMapping;
  auth: AuthConfig;
  config: Record<string, Json>;
}
/** A template by its id or name. */
export type FindTemplate = (idOrName: string) => Promise<Template | undefined>;

/** For agents without a template: everything an attempt knows, under the mapping language's own names and those of the API agents' `/process`. */
const REQUEST: RequestMapping = {
  method: "POST",
  path: "/process",
  headers: {},
  bodyMapping: {
    task_type: "$.task.type",
    data: "$.step_input",
    instructions: "$.description",
    context: "$.context",
    description: "$.description",
    step_input: "$.step_input",
  },
};
const RESPONSE: ResponseMapping = { statusPath: "$.status", resultPath: "$.result", errorPath: "$.error" };
/** Where headers stand in an agent's settings. */
export const HEADERS = "connector.mapping.request.headers";

/** @throws Refusal `bad_input` when the template is unknown. */
export async function effectiveSettings(findTemplate: FindTemplate, agent: HttpAgentSettings): Promise<HttpSettings> {
  const template = agent.template === undefined ? undefined : await findTemplate(agent.template);
  if (agent.template !== undefined && template === undefined) {
    throw new Refusal("bad_input", `There is no template ${JSON.stringify(agent.template)}.`, {
      issues: [{ path: "connector.template", message: "is not known" }],
    });
  }
  return {
    request: overriding(template?.requestMapping ?? REQUEST, { ...agent.mapping?.request, headers: headersFor(agent, template) }),
    response: overriding(template?.responseMapping ?? RESPONSE, agent.mapping?.response ?? {}),
    auth: agent.auth ?? template?.authConfig ?? { type: "none" },
    config: { ...template?.config, ...agent.config },
  };
}

type Overrides<T> = { [Key in keyof T]?: T[Key] | undefined };
/** `base` with every field that `own` gives, whole. */
function overriding<T extends object>(base: T, own: Overrides<T>): T {
  return { ...base, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

/**
 * The agent's own headers replace the template's. A template's Authorization gives way to the agent's `auth`, also when
 * that is `none`, so that a template made for a service with keys can be used for one without.
 */
function headersFor(agent: HttpAgentSettings, template: Template | undefined): Record<string, string> {
  const own = agent.mapping?.request?.headers;
  const headers = own ?? template?.requestMapping.headers ?? {};
  if (agent.auth === undefined || (own !== undefined && agent.auth.type === "none")) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}

/** @throws Refusal `bad_input` naming everything that cannot work, before any call is made. */
export function checkSettings(settings: HttpSettings, healthPath: string | undefined): void {
  const { request, response, auth } = settings;
  const issues = [
    ...(request.path === "" || request.path.startsWith("/") ? [] : [{ path: "connector.mapping.request.path", message: "must start with /" }]),
    ...(healthPath === undefined || healthPath.startsWith("/") ? [] : [{ path: "connector.healthPath", message: "must start with /" }]),
    ...pathNames(request.path).flatMap((name) => nameIssues(name, settings.config)),
    ...pathIssues(request.bodyMapping, "connector.mapping.request.bodyMapping"),
    ...(request.method === "GET" && !isObject(request.bodyMapping)
      ? [{ path: "connector.mapping.request.bodyMapping", message: "must be an object for GET: its fields become the query" }]
      : []),
    ...headerIssues({ headers: request.headers, auth }, HEADERS),
    ...fieldIssues(response.statusPath, "connector.mapping.response.statusPath"),
    ...fieldIssues(response.resultPath, "connector.mapping.response.resultPath"),
    ...fieldIssues(response.errorPath, "connector.mapping.response.errorPath"),
  ];
  if (issues.length > 0) throw new Refusal("bad_input", issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), { issues: issues.slice(0, 20) });
}

function fieldIssues(path: string | undefined, where: string): Issue[] {
  const message = path === undefined ? undefined : pathProblem(path);
  return message === undefined ? [] : [{ path: where, message }];
}

const pathNames = (path: string): string[] => [...path.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] as string);
const isObject = (value: Json): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value);

function nameIssues(name: string, config: Record<string, Json>): Issue[] {
  const path = `connector.config.${name}`;
  if (!Object.hasOwn(config, name)) return [{ path, message: `is missing: the path needs {${name}}` }];
  return segmentOf(config[name]) === undefined ? [{ path, message: "must be text, a number or a boolean, and not empty, . or .." }] : [];
}

/** A value as one segment of a path: encoded, so that it cannot climb or add segments. */
function segmentOf(value: Json | undefined): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = String(value);
  return ["", ".", ".."].includes(text) || !text.isWellFormed() ? undefined : encodeURIComponent(text);
}

/** The path with every `{name}` filled in. @throws Refusal `bad_input` for a name `config` cannot fill. */
export const fillPath = (path: string, config: Record<string, Json>): string =>
  path.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const segment = Object.hasOwn(config, name) ? segmentOf(config[name]) : undefined;
    if (segment === undefined) throw new Refusal("bad_input", `The path needs {${name}}, which config does not give.`);
    return segment;
  });
