// One request to an HTTP agent, built from its mapping. Values of the environment and of secrets enter here and nowhere else.
import { validateHeaderValue } from "node:http";
import { type Json, Refusal } from "@baton/contract";
import { parseEndpoint } from "../outbound.ts";
import { mapValue, type Scope } from "./mapping.ts";
import { fillPath, type HttpSettings } from "./settings.ts";

export interface SecretsWorld {
  /** A variable of this server's environment; undefined when it is not set or agents may not have it. */
  readEnv(name: string): string | undefined;
  readSecret(name: string): string | undefined | Promise<string | undefined>;
}
export interface HttpRequest {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string | undefined;
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws Refusal when an address, a path name, a variable or a secret is missing or wrong. */
export async function buildRequest(
  world: SecretsWorld,
  agent: { endpoint: string; environment: Record<string, string> },
  settings: HttpSettings,
  scope: Scope,
): Promise<HttpRequest> {
  const { method, path, bodyMapping } = settings.request;
  const url = joinPath(agent.endpoint, fillPath(path, settings.config));
  const headers = await fillHeaders(world, settings, agent.environment);
  const body = mapValue(bodyMapping, scope);
  if (method === "POST") return { method, url, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  for (const [name, value] of queryOf(body)) url.searchParams.append(name, value);
  return { method, url, headers };
}

/** The endpoint keeps its own path and query; the mapping's are added after them. */
export function joinPath(endpoint: string, path: string): URL {
  const url = parseEndpoint(endpoint);
  const [pathname = "", ...query] = path.split("?");
  url.pathname = url.pathname.replace(/\/+$/, "") + pathname;
  for (const [name, value] of new URLSearchParams(query.join("?"))) url.searchParams.append(name, value);
  url.hash = "";
  return url;
}

/** A GET has no body: fields become the query, values that are not plain as JSON, nulls are left out. */
function queryOf(body: Json): [string, string][] {
  return Object.entries(typeof body === "object" && body !== null ? body : {})
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}

const HEADERS = "connector.mapping.request.headers";
const refuse = (path: string, message: string): Refusal => new Refusal("bad_input", message, { issues: [{ path, message }] });

/** Header names in lower case, every `${…}` filled. @throws Refusal `bad_input` naming what is not known. */
export async function fillHeaders(world: SecretsWorld, settings: HttpSettings, environment: Record<string, string>): Promise<Record<string, string>> {
  const headers: Record<string, string> = { accept: "application/json, text/plain;q=0.5, */*;q=0.1", "accept-encoding": "identity" };
  for (const [name, value] of Object.entries(settings.request.headers)) {
    const where = `${HEADERS}.${name}`;
    headers[name.toLowerCase()] = sendable(name, await fill(world, value, environment, where), where);
  }
  const { type, envVar = "" } = settings.auth;
  if (type === "bearer_token" && headers["authorization"] === undefined) {
    const where = "connector.auth.envVar";
    headers["authorization"] = sendable("authorization", `Bearer ${variable(world, envVar, environment, where)}`, where);
  }
  return headers;
}

async function fill(world: SecretsWorld, value: string, environment: Record<string, string>, where: string): Promise<string> {
  const names = new Set([...value.matchAll(PLACEHOLDER)].map((match) => match[1] as string));
  const values = new Map<string, string>();
  for (const name of names) values.set(name, await lookUp(world, name, environment, where));
  return value.replace(PLACEHOLDER, (_, name: string) => values.get(name) as string);
}

async function lookUp(world: SecretsWorld, name: string, environment: Record<string, string>, where: string): Promise<string> {
  if (!name.startsWith("secret:")) return variable(world, name, environment, where);
  const secret = await world.readSecret(name.slice("secret:".length));
  if (secret === undefined) throw refuse(where, `There is no secret named ${JSON.stringify(name.slice("secret:".length))}.`);
  return secret;
}

/** The agent's own environment first, then what the server lends to agents. */
function variable(world: SecretsWorld, name: string, environment: Record<string, string>, where: string): string {
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
