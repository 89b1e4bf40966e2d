// One request to an HTTP agent, built from its mapping.
import type { Json } from "@baton/contract";
import type { HttpRequest } from "../exchange.ts";
import { joinPath } from "../outbound.ts";
import { fillHeaders, type Holder, type SecretsWorld } from "../request-headers.ts";
import { mapValue, type Scope } from "../mapping.ts";
import { fillPath, HEADERS, type HttpSettings } from "./settings.ts";

/** @throws Refusal when an address, a path name, a variable or a secret is missing or wrong. */
export async function buildRequest(world: SecretsWorld, agent: Holder & { endpoint: string }, settings: HttpSettings, scope: Scope): Promise<HttpRequest> {
  const { method, path, bodyMapping } = settings.request;
  const url = joinPath(agent.endpoint, fillPath(path, settings.config));
  const headers = await requestHeaders(world, settings, agent);
  const body = mapValue(bodyMapping, scope);
  if (method === "POST") return { method, url, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  for (const [name, value] of queryOf(body)) url.searchParams.append(name, value);
  return { method, url, headers };
}

/** @throws Refusal `bad_input` naming a variable or secret that is not known. */
export const requestHeaders = async (world: SecretsWorld, { request, auth }: HttpSettings, holder: Holder) => ({
  accept: "application/json, text/plain;q=0.5, */*;q=0.1",
  "accept-encoding": "identity",
  ...(await fillHeaders(world, { headers: request.headers, auth }, holder, HEADERS)),
});

/** A GET has no body: fields become the query, values that are not plain as JSON, nulls are left out. */
function queryOf(body: Json): [string, string][] {
  return Object.entries(typeof body === "object" && body !== null ? body : {})
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}
