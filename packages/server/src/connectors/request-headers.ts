// The headers of calls to agents and tool servers, with values of the environment and of secrets filled in when a call is made.
import { validateHeaderName, validateHeaderValue } from "node:http";
import { type AuthConfig, type Issue, Refusal } from "@baton/contract";
import type { ConnectorAgent } from "./connector.ts";

export interface SecretsWorld {
  /** A variable of this server's environment; undefined when it is not set or agents may not have it. */
  readEnv(name: string): string | undefined;
  /** @param project of the agent; null: one that all projects share. */
  readSecret(project: string | null, name: string): string | undefined | Promise<string | undefined>;
}
/** Who names variables and secrets: an agent, or what is tried before it is one. */
export type Holder = Pick<ConnectorAgent, "environment" | "project">;
type Values = Record<string, string>;

const PLACEHOLDER = /\$\{([^{}]*)\}/g;
const SECRET = "secret:";
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** They belong to the connection, not to the agent. */
const RESERVED_HEADERS = ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/** Header names in lower case, every `${…}` filled. @param where the path of `headers` in the settings. @throws Refusal `bad_input` naming what is not known. */
export async function fillHeaders(
  world: SecretsWorld,
  given: { headers: Values; auth?: AuthConfig | undefined },
  holder: Holder,
  where: string,
): Promise<Values> {
  const headers: Values = {};
  for (const [name, value] of Object.entries(given.headers)) {
    const at = `${where}.${name}`;
    headers[name.toLowerCase()] = sendable(name, await fillValue(world, value, holder, at), at);
  }
  const { type, envVar = "" } = given.auth ?? { type: "none" };
  if (type === "bearer_token" && headers["authorization"] === undefined) {
    const at = "connector.auth.envVar";
    headers["authorization"] = sendable("authorization", `Bearer ${variable(world, envVar, holder.environment, at)}`, at);
  }
  return headers;
}

/** The names of variables and secrets that `fillHeaders` would fill in, as they are written. */
export function namesIn(given: { headers: Values; auth?: AuthConfig | undefined }): string[] {
  const named = Object.values(given.headers).flatMap(placeholders);
  return [...new Set(given.auth?.envVar === undefined || given.auth.type === "none" ? named : [...named, given.auth.envVar])];
}

/** `value` with every `${NAME}` and `${secret:name}` in it filled. @throws Refusal `bad_input` at `where` naming what is not known. */
export async function fillValue(world: SecretsWorld, value: string, holder: Holder, where: string): Promise<string> {
  const values = new Map<string, string>();
  for (const name of new Set(placeholders(value))) values.set(name, await lookUp(world, name, holder, where));
  return value.replace(PLACEHOLDER, (_, name: string) => values.get(name) as string);
}

/** Values with every `${secret:name}` in them filled; `${NAME}` is left as it is. @throws Refusal `bad_input` below `where`. */
export async function fillSecrets(world: SecretsWorld, values: Values, holder: Holder, where: string): Promise<Values> {
  const filled = Object.entries(values).map(async ([name, value]) => {
    const read = new Map<string, string>();
    for (const one of placeholders(value).filter((one) => one.startsWith(SECRET))) read.set(one, await lookUp(world, one, holder, `${where}.${name}`));
    return [name, value.replace(PLACEHOLDER, (whole, one: string) => read.get(one) ?? whole)] as const;
  });
  return Object.fromEntries(await Promise.all(filled));
}

/** What is wrong with the header names and the auth of some settings. */
export const headerIssues = (given: { headers: Values; auth?: AuthConfig | undefined }, where: string): Issue[] => [
  ...Object.keys(given.headers).flatMap((name) => nameIssues(name, `${where}.${name}`)),
  ...(given.auth?.type === "bearer_token" && !given.auth.envVar
    ? [{ path: "connector.auth.envVar", message: "must name the variable that holds the token" }]
    : []),
];

function nameIssues(name: string, path: string): Issue[] {
  if (RESERVED_HEADERS.includes(name.toLowerCase())) return [{ path, message: "belongs to the connection and cannot be set" }];
  try {
    validateHeaderName(name);
    return [];
  } catch (error) {
    return [{ path, message: error instanceof Error ? error.message : String(error) }];
  }
}

const placeholders = (value: string): string[] => [...value.matchAll(PLACEHOLDER)].map((match) => match[1] as string);
const refuse = (path: string, message: string): Refusal => new Refusal("bad_input", message, { issues: [{ path, message }] });

async function lookUp(world: SecretsWorld, name: string, { environment, project }: Holder, where: string): Promise<string> {
  if (!name.startsWith(SECRET)) return variable(world, name, environment, where);
  const secret = await world.readSecret(project ?? null, name.slice(SECRET.length));
  if (secret === undefined) {
    const whose = project ? `agents of project ${project} may name` : "agents that all projects share may name";
    throw refuse(where, `There is no secret named ${JSON.stringify(name.slice(SECRET.length))} that ${whose}.`);
  }
  return secret;
}

/** The agent's own environment first, then what the server lends to agents. */
function variable(world: SecretsWorld, name: string, environment: Values, where: string): string {
  if (!ENV_NAME.test(name)) throw refuse(where, `\${${name}} is neither \${ENV_NAME} nor \${secret:name}.`);
  const value = Object.hasOwn(environment, name) ? environment[name] : world.readEnv(name);
  if (value !== undefined) return value;
  throw refuse(where, `The variable ${name} is not in the agent's environment, and the server has none of this name that agents may use.`);
}

function sendable(name: string, value: string, where: string): string {
  try {
    validateHeaderValue(name, value);
    return value;
  } catch {
    // The value may be a secret: it is not quoted.
    throw refuse(where, `The value of the header ${name} holds characters that a header cannot.`);
  }
}
