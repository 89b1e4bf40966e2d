// Where a model service is and how it is addressed: its own base URL, Azure's resources, or the Ollama this server was told of.
import { type Issue, type OpenaiConnector, Refusal } from "@baton/contract";
import type { ConnectorAgent } from "../connector.ts";
import { joinPath, type Outbound } from "../outbound.ts";
import { fillHeaders, headerIssues, type SecretsWorld } from "../request-headers.ts";

export interface AddressWorld extends SecretsWorld {
  outbound: Outbound;
  /** Of an Ollama, such as http://127.0.0.1:11434; for agents without a base URL of their own. */
  ollamaUrl?: string | undefined;
}

/** @throws Refusal `bad_input` when there is no base URL. */
export function urlOf(world: AddressWorld, settings: OpenaiConnector, path: string): URL {
  const base = settings.baseUrl ?? (world.ollamaUrl === undefined ? undefined : `${world.ollamaUrl.replace(/\/+$/, "")}/v1`);
  if (base === undefined) throw refuse([{ path: "connector.baseUrl", message: "is missing, and this server has no OLLAMA_API_URL" }]);
  if (settings.azure === undefined) return joinPath(base, path);
  const { deployment, apiVersion } = settings.azure;
  // Only completions are addressed by deployment; Responses names it as the model.
  const where = path === "/chat/completions" ? `/openai/deployments/${encodeURIComponent(deployment)}` : "/openai";
  return joinPath(base, `${where}${path}?api-version=${encodeURIComponent(apiVersion)}`);
}

/** @throws Refusal `bad_input` naming a variable or secret that is not known. */
export const headersOf = (world: AddressWorld, settings: OpenaiConnector, agent: ConnectorAgent): Promise<Record<string, string>> =>
  fillHeaders(world, settings, agent, "connector.headers");

/** @throws Refusal when it can never be called. */
export async function checkAddress(world: AddressWorld, settings: OpenaiConnector, agent: ConnectorAgent): Promise<void> {
  await world.outbound.check(urlOf(world, settings, "/models").href);
  const issues = headerIssues(settings, "connector.headers");
  if (issues.length > 0) throw refuse(issues);
  await headersOf(world, settings, agent);
}
export const refuse = (issues: Issue[]): Refusal => new Refusal("bad_input", issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), { issues });
