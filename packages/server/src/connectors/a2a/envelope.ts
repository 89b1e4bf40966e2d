// The older envelope between an orchestrator and its agents: one POST of {sender, receiver, message_type, session_id, content, metadata}, and
// one such message back, with {status, response, data} as its content.
import type { A2aConnector, Json, Outcome, Work } from "@baton/contract";
import { parseAgentJson } from "../agent-text.ts";
import type { ConnectorAgent } from "../connector.ts";
import { toCost } from "../cost.ts";
import { exchange } from "../exchange.ts";
import { parseEndpoint } from "../outbound.ts";
import { fail } from "../time-limit.ts";
import type { CallsWorld } from "./guarded-fetch.ts";
import { toRefusedCall } from "./refused-call.ts";
import { readUsage } from "./told-metadata.ts";

/** Who we are in it. */
const SENDER = "MainOrchestrator";
const FAILED = ["error", "failed", "failure"];
type Fields = Record<string, Json>;

export interface Envelope {
  agent: ConnectorAgent;
  connector: A2aConnector;
  headers: Record<string, string>;
  work: Work;
}

export async function exchangeEnvelope(world: CallsWorld, { agent, connector, headers, work }: Envelope, signal: AbortSignal): Promise<Outcome> {
  const sessionId = work.conversation ?? work.taskId;
  const body = JSON.stringify({
    sender: SENDER,
    receiver: agent.name,
    message_type: "request",
    session_id: sessionId,
    content: { description: work.description, context: { ...work.context, input: work.input } },
    metadata: { attempt_id: work.attemptId, task_id: work.taskId, step_id: work.stepId, requirements: work.requirements, deadline: work.deadlineAt },
  });
  const request = {
    method: "POST" as const,
    url: parseEndpoint(connector.url),
    headers: { accept: "application/json", ...headers, "content-type": "application/json" },
    body,
  };
  const exchanged = await exchange(world.outbound.dispatcher, request, signal);
  if (!exchanged.ok) return exchanged;
  if (exchanged.answer.status < 200 || exchanged.answer.status > 299) return toRefusedCall(exchanged.answer, world.clock.now());
  return readEnvelope(exchanged.answer.text, { sessionId, prices: connector.prices });
}

function readEnvelope(text: string, { sessionId, prices }: { sessionId: string; prices: A2aConnector["prices"] }): Outcome {
  const parsed = parseAgentJson(text);
  if (!parsed.ok) return fail("invalid_response", `The answer ${parsed.problem}. It begins: ${text.slice(0, 200)}`);
  const message = toFields(parsed.value);
  const content = toFields(message?.["content"]);
  if (message === undefined || content === undefined)
    return fail("invalid_response", `The answer is no message with a content. It begins: ${text.slice(0, 200)}`);
  const usage = readUsage(toFields(message["metadata"]));
  const cost = toCost(prices, usage);
  const conversation = typeof message["session_id"] === "string" && message["session_id"].length <= 2000 ? message["session_id"] : sessionId;
  const result = toResult(message, content);
  return { ...result, ...(result.ok ? { conversation } : {}), ...(usage ? { usage } : {}), ...(cost ? { cost } : {}) };
}

function toResult(message: Fields, content: Fields): Outcome {
  const { status, response = null, data = null } = content;
  const failed = (typeof status === "string" && FAILED.includes(status.toLowerCase())) || message["message_type"] === "error";
  if (failed) {
    const said = content["error"] ?? response;
    return fail("agent_error", typeof said === "string" && said !== "" ? said : `The agent answered with ${JSON.stringify(content)}`);
  }
  if (!("response" in content) && !("data" in content)) return fail("invalid_response", "The answer has neither a response nor data.");
  const hasData = data !== null && !(typeof data === "object" && Object.keys(data).length === 0);
  if (!hasData) return { ok: true, output: response };
  return { ok: true, output: response === null || response === "" ? data : { response, data } };
}
const toFields = (value: Json | undefined): Fields | undefined => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined);
