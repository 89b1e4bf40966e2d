// The steps of the protocol, in their order: say hello, log in, open a conversation or load one, set what is wished, hand over the prompt.
import { type ClientContext, type McpServer as AcpMcpServer, methods, PROTOCOL_VERSION, RequestError } from "@agentclientprotocol/sdk";
import type { AcpConnector, McpServer } from "@baton/contract";
import type { HandedServer } from "../connector.ts";
import { type Failure, fail } from "../time-limit.ts";
import { type Initialized, initialized, type OpenedSession, openedSession, type Prompted, prompted } from "./messages.ts";
import type { Quirks } from "./quirks.ts";

type Resource = HandedServer["handed"]["resources"][number];
export interface Wanted {
  connector: AcpConnector;
  quirks: Quirks;
  cwd: string;
  mcpServers: readonly (McpServer | HandedServer)[];
  /** The agent's id of a conversation to go on with. */
  resume: string | undefined;
  persona: string | undefined;
  note(text: string): void;
}
export interface Hello {
  ok: true;
  initialized: Initialized;
}
export interface Opened {
  ok: true;
  sessionId: string;
  /** Whether an earlier conversation goes on. */
  resumed: boolean;
  /** Whether it was told its persona in a way of its own. */
  knowsPersona: boolean;
}

/** All of these: @throws RequestError with what the agent answers instead, and any Error when the connection ends. */
export async function sayHello(agent: ClientContext, { connector, quirks }: Wanted): Promise<Hello | Failure> {
  const files = quirks.clientFiles;
  const answer = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: "baton", version: "0.1.0" },
    clientCapabilities: { fs: { readTextFile: files, writeTextFile: files }, terminal: false },
  });
  const hello = initialized.safeParse(answer);
  if (!hello.success) return fail("invalid_response", "Its answer to initialize is not one of the Agent Client Protocol.");
  if (hello.data.protocolVersion !== PROTOCOL_VERSION)
    return fail("agent_error", `It speaks version ${hello.data.protocolVersion} of the Agent Client Protocol; this server speaks ${PROTOCOL_VERSION}.`);
  const methodId = connector.authMethod ?? quirks.authMethod;
  if (methodId !== undefined) await agent.request(methods.agent.authenticate, { methodId });
  return { ok: true, initialized: hello.data };
}

export async function openSession(agent: ClientContext, wanted: Wanted, hello: Initialized): Promise<Opened | Failure> {
  const barred = withoutHttp(wanted, hello).filter((server) => "handed" in server);
  if (barred.length > 0) return fail("agent_error", `It cannot use tool servers by HTTP, and its step needs ${barred.map(({ name }) => name).join(", ")}.`);
  const meta = wanted.persona === undefined ? undefined : wanted.quirks.personaMeta?.(wanted.persona);
  const request = { cwd: wanted.cwd, mcpServers: toMcpServers(wanted, hello), ...(meta === undefined ? {} : { _meta: meta }) };
  const loaded = wanted.resume === undefined ? undefined : await loadSession(agent, wanted, hello, { ...request, sessionId: wanted.resume });
  const session = loaded ?? openedSession.safeParse(await agent.request(methods.agent.session.new, request)).data;
  const sessionId = loaded === undefined ? session?.sessionId : wanted.resume;
  if (session === undefined || sessionId === null || sessionId === undefined)
    return fail("invalid_response", "It opened a conversation and did not say which.");
  for (const what of ["mode", "model"] as const) {
    const problem = await choose(agent, sessionId, session, what, wanted.connector[what]);
    if (problem !== undefined) return problem;
  }
  return { ok: true, sessionId, resumed: loaded !== undefined, knowsPersona: meta !== undefined };
}

/** undefined, and a note, when it cannot be loaded: a new one is opened then. */
async function loadSession(
  agent: ClientContext,
  { quirks, note }: Wanted,
  hello: Initialized,
  request: { sessionId: string; cwd: string; mcpServers: AcpMcpServer[] },
): Promise<OpenedSession | undefined> {
  if (!canLoad(hello, quirks)) {
    note("It cannot go on with an earlier conversation; a new one begins.");
    return undefined;
  }
  try {
    return openedSession.parse((await agent.request(methods.agent.session.load, request)) ?? {});
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    note(`The earlier conversation could not be loaded (${error.message.slice(0, 500)}); a new one begins.`);
    return undefined;
  }
}
export const canLoad = (hello: Initialized, quirks: Quirks): boolean => quirks.loads && hello.agentCapabilities?.loadSession === true;

/** @param resources what it can read through its tool servers: links, which every agent takes. */
export async function sendPrompt(agent: ClientContext, sessionId: string, text: string, resources: readonly Resource[]): Promise<Prompted | Failure> {
  const links = resources.map(({ uri, name, description }) => ({ type: "resource_link" as const, uri, name, description }));
  const answer = prompted.safeParse(await agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: "text", text }, ...links] }));
  return answer.success ? answer.data : fail("invalid_response", "It ended its turn without a reason for it.");
}

/** What is wished and cannot be had ends the attempt: an agent that works in another mode than it should may do what it must not. */
async function choose(
  agent: ClientContext,
  sessionId: string,
  session: OpenedSession,
  what: "mode" | "model",
  wish: string | undefined,
): Promise<Failure | undefined> {
  if (wish === undefined) return undefined;
  const config = session.configOptions?.find((option) => (option.category ?? option.id) === what);
  const offered =
    config?.options?.map(({ value, name }) => ({ id: value, name })) ??
    (what === "mode" ? session.modes?.availableModes : session.models?.availableModels.map(({ modelId, name }) => ({ id: modelId, name }))) ??
    [];
  const sought = wish.toLowerCase();
  const found = offered.find(({ id }) => id === wish) ?? offered.find(({ id, name }) => id.toLowerCase() === sought || name?.toLowerCase() === sought);
  if (found === undefined) {
    const list = offered.map(({ id, name }) => (name && name !== id ? `${id} (${name})` : id)).join(", ");
    return fail("agent_error", `It has no ${what} ${JSON.stringify(wish)}; ${list === "" ? `it lets nobody choose a ${what}` : `it offers ${list}`}.`);
  }
  if (config !== undefined) await agent.request(methods.agent.session.setConfigOption, { sessionId, configId: config.id, value: found.id });
  else if (what === "mode") await agent.request(methods.agent.session.setMode, { sessionId, modeId: found.id });
  else await agent.request("session/set_model", { sessionId, modelId: found.id });
  return undefined;
}

/** Commands every agent can start; addresses only some can call. */
function toMcpServers(wanted: Wanted, hello: Initialized): AcpMcpServer[] {
  const { mcpServers, note } = wanted;
  const pairs = (values: Record<string, string>): { name: string; value: string }[] => Object.entries(values).map(([name, value]) => ({ name, value }));
  const barred = withoutHttp(wanted, hello);
  const left = barred.map(({ name }) => name);
  if (left.length > 0) note(`It cannot use tool servers by HTTP: ${left.join(", ")} left out.`.slice(0, 4_000));
  return mcpServers
    .filter((server) => !barred.includes(server))
    .map((server) =>
      "url" in server
        ? { type: "http", name: server.name, url: server.url, headers: pairs(server.headers) }
        : { name: server.name, command: server.command, args: server.args, env: pairs(server.env) },
    );
}
/** Those it cannot use. */
const withoutHttp = ({ mcpServers }: Wanted, hello: Initialized): (McpServer | HandedServer)[] =>
  hello.agentCapabilities?.mcpCapabilities?.http === true ? [] : mcpServers.filter((server) => "url" in server);
