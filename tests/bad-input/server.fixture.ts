// A real server with agents, tasks and templates in many states, to be asked nonsense.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@baton/client";
import type { RouteInput } from "@baton/contract";
import { type Baton, type Config, startBaton } from "@baton/server";

export interface EmptyServer {
  url: string;
  baton: Baton;
  dataDir: string;
  /** What the server logged as errors. */
  errors(): string;
  close(): Promise<void>;
}
export interface InhabitedServer extends EmptyServer {
  /** Ids and names of what lives there. */
  known: Record<"agents" | "tasks" | "templates" | "sessions" | "messages" | "mailboxes" | "subscriptions", string[]>;
}
const command = process.execPath;
const args = [fileURLToPath(new URL("../fake-agents/process-agent.mjs", import.meta.url))];

export async function openInhabitedServer(given: Partial<Config> = {}): Promise<InhabitedServer> {
  const server = await openEmptyServer(given);
  return { ...server, known: await settle(server.url) };
}
export async function openEmptyServer(given: Partial<Config> = {}): Promise<EmptyServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-bad-input-"));
  const logFile = join(dataDir, "baton.log");
  const baton = await startBaton(
    { dataDir, port: 0, logLevel: "error", logFile, sqliteSynchronous: "normal", passwordCost: 2 ** 10, healthCheckMs: 3_600_000, drainMs: 0, ...given },
    {},
  );
  return {
    url: baton.url,
    baton,
    dataDir,
    errors: () => readFileSync(logFile, "utf8"),
    close: async () => {
      await baton.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function settle(url: string): Promise<InhabitedServer["known"]> {
  const client = createClient({ url });
  const connector = { kind: "process" as const, command, args };
  const bodies = [
    { name: "worker", connector, capabilities: ["echoing", { name: "hanging", proficiency: 0.5, technologies: ["node"] }], maxConcurrentTasks: 10 },
    { name: "paused one", connector, capabilities: ["pausing"] },
    { name: "draining-one", connector, capabilities: ["draining"] },
    { name: "disabled-one", connector, enabled: false },
    { name: "away", connector: { kind: "dialin" as const }, capabilities: ["dialling"] },
    { name: "closed", connector: { kind: "http" as const, endpoint: "http://127.0.0.1:9" }, capabilities: ["refusing"] },
    { name: "removed", connector },
  ];
  const agents: string[] = [];
  for (const body of bodies) agents.push((await client.createAgent({ body })).id, body.name);
  await client.actOnAgent({ params: { id: "paused one" }, body: { action: "pause" } });
  await client.actOnAgent({ params: { id: "draining-one" }, body: { action: "drain" } });
  await client.removeAgent({ params: { id: "removed" } });

  const submit = async (description: string, requirements: string[], more: object = {}): Promise<string> =>
    (await client.submitTask({ body: { description, requirements, ...more } })).id;
  const sessions = ["talk", "other talk"];
  for (const id of sessions) await client.createSession({ body: { id } });
  await client.addPin({ params: { id: "talk" }, body: { content: "It is a test." } });
  const completed = await submit("echo", ["echoing"], { sessionId: "talk" });
  const failed = await submit("fail", ["echoing"]);
  const executing = await submit("hang", ["hanging"]);
  const cancelled = await submit("hang", ["hanging"]);
  const paused = await submit("echo", ["nobody-has-this"]);
  const waiting = await submit("echo", ["nobody-has-this"]);
  const dependent = await submit("echo", ["echoing"], { dependsOn: [executing] });
  await client.cancelTask({ params: { id: cancelled } });
  await client.pauseTask({ params: { id: paused } });
  await Promise.all([completed, failed].map((id) => client.waitForTask(id)));
  const { id } = await client.createTemplate({ body: { name: "own" } });
  const { messages, subscriptions } = await correspond(url);
  return {
    messages,
    subscriptions,
    mailboxes: ["desk", "empty", "worker", "away"],
    agents,
    sessions,
    tasks: [completed, failed, executing, cancelled, paused, waiting, dependent, "1"],
    templates: [id, "own", "crewai", "builtin-custom"],
  };
}

/** Messages in every state: waiting, handed out, acknowledged, dead, asked, answered. */
async function correspond(url: string): Promise<{ messages: string[]; subscriptions: string[] }> {
  const client = createClient({ url });
  for (const name of ["desk", "empty"]) await client.createMailbox({ body: { name } });
  const { id: subscription } = await client.createSubscription({ body: { subscriberId: "desk", topic: "builds.*" } });
  const send = async (body: RouteInput<"sendMessage", "body">): Promise<string> => (await client.sendMessage({ body })).id;
  const dead = await send({ recipientId: "desk" });
  await client.receiveMessages({ params: { id: "desk" } });
  await client.acknowledgeMessages({ params: { id: "desk" }, body: { failed: [{ id: dead, final: true }] } });
  const asked = await send({ senderId: "desk", recipientId: "worker", pattern: "request_response" });
  const answered = await send({ senderId: "worker", correlationId: asked, pattern: "request_response" });
  const all = await send({ topic: "builds.main", id: "m 1" });
  const { items } = await client.listDeadLetters({});
  return { messages: [dead, asked, answered, all, ...items.map(({ delivery }) => delivery.id)], subscriptions: [subscription] };
}
