// One call to an HTTP agent before it is registered, and what its mapping makes of the answer. Whatever the agent does is a result.
import { type ConnectionResult, type HttpConnector, type Json, Refusal } from "@baton/contract";
import { parseAgentJson, toStorableText } from "../agent-text.ts";
import { extractResult, reportedProblem } from "./answer.ts";
import { exchange, type HttpAnswer } from "../exchange.ts";
import type { HttpWorld } from "./http.ts";
import { toTestScope } from "../mapping.ts";
import { buildRequest } from "./request.ts";
import { checkSettings, effectiveSettings, type HttpSettings } from "./settings.ts";

export type ConnectionTestInput = Pick<HttpConnector, "endpoint" | "template" | "mapping" | "auth" | "config"> & { testQuery: string };
type Found = Omit<ConnectionResult, "durationMs">;

const METHODS = ["GET", "POST"];
const BODY_SHOWN = 2_000;

/** @throws Refusal `bad_input` when the template is unknown or the mapping cannot work; never for what the endpoint does. */
export async function testConnection(world: HttpWorld, input: ConnectionTestInput): Promise<ConnectionResult> {
  const startedAt = world.clock.now();
  const settings = await effectiveSettings(world.findTemplate, input);
  const found = await callOnce(world, input, settings);
  return { ...found, durationMs: world.clock.now() - startedAt };
}

async function callOnce(world: HttpWorld, input: ConnectionTestInput, settings: HttpSettings): Promise<Found> {
  const method: string = settings.request.method;
  if (!METHODS.includes(method)) return failed(`Unsupported HTTP method: ${method}`);
  checkSettings(settings, undefined);
  const limitMs = world.testTimeoutMs ?? 30_000;
  const signal = AbortSignal.timeout(limitMs);
  try {
    await world.outbound.check(input.endpoint);
    const request = await buildRequest(world, { endpoint: input.endpoint, environment: {} }, settings, toTestScope(input.testQuery, settings.config));
    const exchanged = await exchange(world.outbound.dispatcher, request, signal);
    if (exchanged.ok) return judge(settings, exchanged.answer);
    if (signal.aborted) return failed(`Connection timeout after ${limitMs / 1000} seconds`);
    return failed(exchanged.kind === "unavailable" ? "Could not connect to endpoint. Check URL and network." : `Test failed: ${exchanged.detail}`);
  } catch (error) {
    if (error instanceof Refusal) return failed(`Test failed: ${error.message}`);
    throw error;
  }
}

function judge(settings: HttpSettings, answer: HttpAnswer): Found {
  const { status: statusCode, text } = answer;
  if (statusCode < 200 || statusCode > 299) return { ...failed(`HTTP ${statusCode}: ${toStorableText(text.slice(0, BODY_SHOWN))}`), statusCode };
  const parsed = parseAgentJson(text);
  if (!parsed.ok) {
    const body = toStorableText(text);
    if (settings.response.resultPath === "$") return extracted(statusCode, body, body);
    return adjusted(statusCode, body, body, `the answer ${parsed.problem}`);
  }
  const problem = reportedProblem(settings.response, parsed.value);
  if (problem !== undefined) return adjusted(statusCode, parsed.value, JSON.stringify(parsed.value), `the agent answered with an error: ${problem}`);
  const { matched, output } = extractResult(settings.response, parsed.value);
  if (matched) return extracted(statusCode, parsed.value, output);
  return adjusted(statusCode, parsed.value, JSON.stringify(parsed.value), `${settings.response.resultPath} matches nothing; the whole answer is taken`);
}

const extracted = (statusCode: number, response: Json, extractedResult: Json): Found => ({
  success: true,
  statusCode,
  response,
  extractedResult,
  message: "Connection successful",
});
const adjusted = (statusCode: number, response: Json, extractedResult: Json, why: string): Found => ({
  success: true,
  statusCode,
  response,
  extractedResult,
  warning: `Could not extract result: ${why}`,
  message: "Connected but response format may need adjustment",
});
const failed = (error: string): Found => ({ success: false, error, message: error });
