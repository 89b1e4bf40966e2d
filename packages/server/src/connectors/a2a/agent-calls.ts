// The protocol's calls to one agent, through the SDK: over whichever of its interfaces both sides speak, in 1.0 or 0.3. Everything that goes
// wrong in them is a CallProblem.
import type { AgentCard, Message, StreamResponse, Task, TaskPushNotificationConfig } from "@a2a-js/sdk";
import { type Client, ClientFactory, JsonRpcTransportFactory, RestTransportFactory } from "@a2a-js/sdk/client";
import { problem, toCallProblem } from "./call-problem.ts";
import type { FoundCard } from "./card.ts";

export interface Sending {
  message: Message;
  push: TaskPushNotificationConfig | undefined;
}
/** @throws CallProblem, all of them. */
export interface AgentCalls {
  /** Whether the agent says that it streams, or was said to. */
  streams: boolean;
  /** Does not wait for the work to be done where the agent can answer before. */
  send(sending: Sending, signal: AbortSignal): Promise<StreamResponse>;
  stream(sending: Sending, signal: AbortSignal): AsyncGenerator<StreamResponse>;
  resume(taskId: string, signal: AbortSignal): AsyncGenerator<StreamResponse>;
  get(taskId: string, signal: AbortSignal): Promise<Task>;
  cancel(taskId: string, signal: AbortSignal): Promise<Task>;
}

export interface CallSettings {
  fetchImpl: typeof fetch;
  /** Undefined: as the card says. */
  stream: boolean | undefined;
  sendsHeaders: boolean;
}

/** @throws CallProblem when they have no language in common. */
export async function openAgentCalls({ card, url }: FoundCard, { fetchImpl, stream, sendsHeaders }: CallSettings): Promise<AgentCalls> {
  const secured = url.protocol === "https:" && sendsHeaders;
  if (secured && card.supportedInterfaces.some((one) => one.url.startsWith("http:")))
    throw problem("agent_error", "Its card came by https and names an address with http: what the headers hold would be sent in the clear.");
  const streams = stream ?? card.capabilities?.streaming ?? false;
  const client = await openClient({ ...card, capabilities: { extensions: [], ...card.capabilities, streaming: streams } }, fetchImpl);
  const toRequest = ({ message, push }: Sending) => ({
    tenant: "",
    message,
    configuration: { acceptedOutputModes: [], taskPushNotificationConfig: push, historyLength: 0, returnImmediately: true },
    metadata: undefined,
  });
  return {
    streams,
    send: async (sending, signal) => {
      const result = await told(client.sendMessage(toRequest(sending), { signal }));
      return { payload: "messageId" in result ? { $case: "message", value: result } : { $case: "task", value: result } };
    },
    stream: (sending, signal) => eachTold(client.sendMessageStream(toRequest(sending), { signal })),
    resume: (id, signal) => eachTold(client.resubscribeTask({ tenant: "", id }, { signal })),
    get: (id, signal) => told(client.getTask({ tenant: "", id, historyLength: 0 }, { signal })),
    cancel: (id, signal) => told(client.cancelTask({ tenant: "", id, metadata: undefined }, { signal })),
  };
}

async function openClient(card: AgentCard, fetchImpl: typeof fetch): Promise<Client> {
  const options = { fetchImpl, legacyCompat: { enabled: true } };
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory(options), new RestTransportFactory(options)] });
  return factory.createFromAgentCard(card).catch(() => {
    const offered = card.supportedInterfaces.map(({ protocolBinding }) => protocolBinding).join(", ");
    throw problem("agent_error", `It speaks ${offered || "nothing"}; this server speaks JSONRPC and HTTP+JSON.`);
  });
}

const told = <T>(call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw toCallProblem(error);
  });
async function* eachTold(events: AsyncGenerator<StreamResponse>): AsyncGenerator<StreamResponse> {
  try {
    yield* events;
  } catch (error) {
    throw toCallProblem(error);
  }
}
