// The hub as the official SignalR client meets it, and the monitors as the documented scripts do, run as they are written.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import * as signalR from "@microsoft/signalr";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { command, startJourney } from "./world.fixture.ts";

const KEY = "the-key-of-the-operator";
const example = (name: string): string => readFileSync(fileURLToPath(new URL(`../documented-examples/${name}.txt`, import.meta.url)), "utf8");

/** A client that hears what it was told. */
async function connect(url: string, key?: string) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${url}/orchestrationHub`, key === undefined ? {} : { accessTokenFactory: () => key })
    .configureLogging(signalR.LogLevel.None)
    .build();
  const told: unknown[][] = [];
  const waiting: (() => void)[] = [];
  for (const target of ["NewTask", "TaskProgressUpdate", "AgentStatusChanged"])
    connection.on(target, (...args: unknown[]) => {
      told.push([target, ...args]);
      for (const wake of waiting.splice(0)) wake();
    });
  await connection.start();
  onTestFinished(() => connection.stop());
  const heard = async (isIt: (one: unknown[]) => boolean): Promise<unknown[]> => {
    for (;;) {
      const found = told.find(isIt);
      if (found) return found;
      await new Promise<void>((wake) => waiting.push(wake));
    }
  };
  return { connection, told, heard };
}

describe("the hub", () => {
  test("the documented editor's snippet connects with the official client and hands in what is open in the editor", async () => {
    const { url, client } = await startJourney();
    const commands = new Map<string, () => Promise<void>>();
    const document = { getText: () => "const a = 1;", languageId: "typescript", fileName: "src/a.ts" };
    const vscode = {
      commands: { registerCommand: (name: string, run: () => Promise<void>) => void commands.set(name, run) },
      window: { activeTextEditor: { document } },
    };
    // Its types are taken out, and only the address is another.
    const script = example("X0-02_vscode_extension.ts")
      .replace("https://api.aiorch.dev", url)
      .replace(/\b(?:private|public) /g, "")
      .replace(/: (?:signalR|vscode)\.\w+/g, "")
      .replace("export class", "module.exports.OrchestraExtension = class");
    const module = {
      exports: {} as {
        OrchestraExtension: new () => { activate(context: object): Promise<void>; distributeTask(): Promise<void>; hubConnection: signalR.HubConnection };
      },
    };
    runInNewContext(script, { signalR, vscode, module });
    const extension = new module.exports.OrchestraExtension();
    await extension.activate({});
    onTestFinished(() => extension.hubConnection.stop());
    expect([...commands.keys()]).toEqual(["orchestra.distributeTask", "orchestra.showDashboard"]);
    await extension.distributeTask();
    const { items } = await client.listTasks({});
    expect(items).toMatchObject([{ title: "Work on src/a.ts" }]);
    expect((await client.getTask({ params: { id: items[0]?.id ?? "" } })).description).toContain("const a = 1;");
  });
  test("who joined an agent's group hears of its new task, and nobody else; the agent does it", async () => {
    const { url, client, addCommand, until } = await startJourney();
    const agentId = await addCommand("worker");
    const [member, other] = [await connect(url), await connect(url)];
    await member.connection.invoke("JoinAgentGroup", agentId);
    const taskId = await other.connection.invoke<string>("SendTaskToAgent", "worker", { description: "echo", priority: "high" });
    expect(await member.heard(([target]) => target === "NewTask")).toEqual(["NewTask", { description: "echo", priority: "high", taskId }]);
    const task = await until(taskId, ({ status }) => status === "completed");
    expect(task.steps[0]?.attempts[0]?.agentId).toBe(agentId);
    await other.heard(([target, id]) => target === "TaskProgressUpdate" && id === taskId);
    expect(other.told.map(([target]) => target)).not.toContain("NewTask");
    expect((await client.listTasks({})).total).toBe(1);
  });
  test("progress and status that one client reports are told to all", async () => {
    const { url } = await startJourney();
    const [one, other] = [await connect(url), await connect(url)];
    await one.connection.invoke("ReportTaskProgress", "task-1", { percent: 40 });
    await one.connection.invoke("ReportAgentStatus", "agent-1", "Busy");
    for (const client of [one, other]) {
      expect(await client.heard(([target]) => target === "TaskProgressUpdate")).toEqual(["TaskProgressUpdate", "task-1", { percent: 40 }]);
      expect(await client.heard(([target]) => target === "AgentStatusChanged")).toEqual(["AgentStatusChanged", "agent-1", "Busy"]);
    }
  });
  test("an agent whose health turns critical is told as an error", async () => {
    const { url, client } = await startJourney();
    const { id } = await client.createAgent({ body: { name: "ill", connector: { kind: "dialin" } } });
    const hub = await connect(url);
    await client.heartbeatAgent({ params: { id }, body: { health: "critical" } });
    expect(await hub.heard(([target]) => target === "AgentStatusChanged")).toEqual(["AgentStatusChanged", id, "Error"]);
  });
  test("what is told at one server is heard at another with the same store", async () => {
    const { createDatabase, postgresUrl } = await import("../services.ts");
    const server = await postgresUrl();
    if (server === undefined) return;
    const shared = { databaseUrl: await createDatabase(server), secretKey: "the-key-of-both-servers" };
    const [one, other] = [await startJourney({ ...shared, serverName: "one" }), await startJourney({ ...shared, serverName: "other" })];
    const [here, there] = [await connect(one.url), await connect(other.url)];
    await here.connection.invoke("ReportAgentStatus", "agent-1", "Busy");
    expect(await there.heard(() => true)).toEqual(["AgentStatusChanged", "agent-1", "Busy"]);
  });
  test("a method that is none, or is given what it cannot take, says so and the connection goes on", async () => {
    const { url } = await startJourney();
    const { connection } = await connect(url);
    await expect(connection.invoke("DropTables")).rejects.toThrow(/no method DropTables/);
    await expect(connection.invoke("DistributeTask", 7)).rejects.toThrow(/bad_input/);
    await expect(connection.invoke("ReportTaskProgress", "t", "x".repeat(100_000))).rejects.toThrow(/too_large/);
    expect(await connection.invoke("JoinAgentGroup", "anybody")).toBeNull();
  });
  test("credentials are demanded where they are elsewhere, and a role that may not is told so", async () => {
    const { url, client } = await startJourney({ apiKeys: [KEY] });
    await expect(connect(url)).rejects.toThrow(/401/);
    const viewer = (await client.createApiKey({ body: { name: "v", role: "viewer" } })).key;
    const { connection } = await connect(url, viewer);
    await expect(connection.invoke("DistributeTask", {})).rejects.toThrow(/forbidden/);
    const { connection: operator } = await connect(url, KEY);
    expect(typeof (await operator.invoke("DistributeTask", { description: "Go." }))).toBe("string");
  });
  test("a browser shows its credentials in the query, and pages of others are turned away", async () => {
    const { url } = await startJourney({ apiKeys: [KEY] });
    const hub = `${url.replace("http", "ws")}/orchestrationHub`;
    expect(await answerOf(`${hub}?id=x`, {})).toBe(401);
    expect(await answerOf(`${hub}?id=x&access_token=${KEY}`, {})).toBe("open");
    expect(await answerOf(`${hub}?id=x&access_token=${KEY}`, { origin: "http://evil.example" })).toBe(403);
    expect(await answerOf(`${url.replace("http", "ws")}/ws`, {})).toBe(401);
    expect(await answerOf(`${url.replace("http", "ws")}/ws`, { authorization: `Bearer ${KEY}` })).toBe("open");
    expect(await answerOf(`${url.replace("http", "ws")}/ws`, { authorization: `Bearer ${KEY}`, origin: "http://evil.example" })).toBe(403);
  });
});
function answerOf(address: string, headers: Record<string, string>): Promise<number | "open"> {
  const socket = new WebSocket(address, { headers });
  return new Promise((resolve, reject) => {
    socket.on("open", () => {
      socket.terminate();
      resolve("open");
    });
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

interface Said {
  type: string;
  [name: string]: unknown;
}
/** Runs a documented script against a server, and collects what it logs. */
function run(script: string, url: string) {
  const said: Said[] = [];
  const waiting: (() => void)[] = [];
  const log = (_: string, update: Said): void => {
    said.push(update);
    for (const wake of waiting.splice(0)) wake();
  };
  const opened: WebSocket[] = [];
  /** As a browser has it, at this server's address. */
  class Socket extends WebSocket {
    constructor(address: string) {
      super(address.replace("ws://localhost:8000", url.replace("http", "ws")));
      opened.push(this);
    }
  }
  runInNewContext(example(script), { WebSocket: Socket, console: { log }, JSON });
  onTestFinished(() => {
    for (const socket of opened) socket.terminate();
  });
  return async (isIt: (update: Said) => boolean): Promise<Said> => {
    for (;;) {
      const found = said.find(isIt);
      if (found) return found;
      await new Promise<void>((wake) => waiting.push(wake));
    }
  };
}
describe("the monitors", () => {
  test("the documented monitor of the system is told at once how it stands, then what is done and what goes wrong", async () => {
    const { url, client, addCommand } = await startJourney();
    await addCommand("worker");
    const heard = run("X3-05_ws_system.js", url);
    const first = await heard(() => true);
    expect(first).toMatchObject({ type: "system_status", data: { active_tasks: 0 } });
    expect((first["data"] as { system_health: number }).system_health).toBe(1);
    const [done, broken] = [
      await client.submitTask({ body: { title: "A good one", description: "echo", requirements: ["worker"] } }),
      await client.submitTask({ body: { description: "fail", requirements: ["worker"] } }),
    ];
    expect(await heard(({ type }) => type === "task_completed")).toMatchObject({ task_name: "A good one", task_id: done.id });
    const alert = await heard(({ type }) => type === "alert");
    expect(alert).toMatchObject({ severity: "high" });
    expect(alert["message"]).toContain(broken.id);
  });
  test("the documented monitor of an agent is told at once how it is, and what happens to it", async () => {
    const { url, client } = await startJourney();
    for (const name of ["senior-ai-engineer", "other"]) await client.createAgent({ body: { name, connector: command, capabilities: [name] } });
    const heard = run("X3-06_ws_agent.js", url);
    expect(await heard(() => true)).toMatchObject({ type: "agent_status", agent_id: "senior-ai-engineer", data: { state: "idle" } });
    await client.submitTask({ body: { description: "echo", requirements: ["other"] } });
    const task = await client.submitTask({ body: { description: "hang", requirements: ["senior-ai-engineer"] } });
    expect(await heard(({ type }) => type.startsWith("attempt."))).toMatchObject({ type: "attempt.started", task_id: task.id });
    expect(await heard(({ data }) => (data as { state?: string }).state === "busy")).toMatchObject({ type: "agent_status" });
    await client.cancelTask({ params: { id: task.id } });
  });
  test("a monitor of an agent nobody knows yet is told so, and then of the agent", async () => {
    const { url, client } = await startJourney();
    const heard = run("X3-06_ws_agent.js", url);
    expect(await heard(() => true)).toMatchObject({ type: "agent_status", data: { state: "unknown" } });
    await client.createAgent({ body: { name: "senior-ai-engineer", connector: command } });
    expect(await heard(({ type }) => type === "agent.registered")).toMatchObject({ agent_id: "senior-ai-engineer" });
  });
});
