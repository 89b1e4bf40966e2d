// What belongs to a project is as if it were not there for everybody who is in others: every route of the contract as every role of a stranger's
// project, the live doors, and who is given whose work. The walk is made of the contract: a new route is walked without a line here.
import { connectAgent, createClient } from "@baton/client";
import { type Event, type Reach, routeReach } from "@baton/contract";
import * as signalR from "@microsoft/signalr";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { createDatabase, postgresUrl } from "../services.ts";
import { MARK, startTenants, type Tenants } from "./tenants.fixture.ts";
import { type Answer, ask, bodies, cases, NEVER, plain, withNamed } from "./tenants-walk.fixture.ts";
import { command } from "./world.fixture.ts";

function tenantsOn(store: string, open: () => Promise<Tenants>): void {
  describe(`projects on ${store}`, () => {
    let tenants: Tenants;
    beforeAll(async () => {
      tenants = await open();
    });
    afterAll(() => tenants.end());

    test.each(cases)("%s tells a stranger who is %s nothing", async (name, role) => {
      const reach: Reach = routeReach[name];
      const key = tenants.keys.blue[role];
      const { url, planted, shared } = tenants;
      if (reach === "everything") expect((await ask(url, name, key, { params: planted.task, body: bodies[name] })).status).toBe(403);
      if (typeof reach === "object") {
        for (const [path, noun] of Object.entries(reach.names ?? {})) {
          const answer = await ask(url, name, key, withNamed(bodies[name], path, planted[noun], shared));
          expect(answer.status, answer.text).toBe(404);
          expect(plain(answer, planted[noun])).toBe(plain(await ask(url, name, key, withNamed(bodies[name], path, NEVER, shared)), NEVER));
        }
        if (reach.makes) {
          const made = async (projectId: string) => plain(await ask(url, name, key, { params: NEVER, body: { ...bodies[name], projectId } }), projectId);
          expect(await made("red")).toBe(await made(NEVER));
          expect(await made("red")).toMatch(/^404/);
        }
      }
      // Whatever is named in its path, nothing of it is told.
      for (const id of Object.values(planted)) {
        const { text, status } = await ask(url, name, key, { params: id, body: bodies[name] });
        if (reach !== "nothing" || status >= 400) expect(text.replaceAll(id, "")).not.toContain(MARK);
      }
    });
    test("older paths tell a stranger no more, and a member what is theirs", async () => {
      const { url, keys, planted } = tenants;
      const look = async (project: "red" | "blue", path: string): Promise<Answer> => {
        const response = await fetch(url + path, { headers: { authorization: `Bearer ${keys[project]["agent-manager"]}` } });
        return { status: response.status, text: await response.text() };
      };
      for (const path of [`/agents/${planted.agent}`, `/tasks/${planted.task}`, `/infrastructure/services/${planted.agent}`]) {
        expect((await look("blue", path)).status).toBe(404);
        expect((await look("red", path)).status).toBe(200);
      }
      for (const path of ["/agents", "/tasks", "/analytics/performance"]) {
        expect((await look("blue", path)).text).not.toContain(planted.agent);
        expect((await look("blue", path)).text).not.toContain(planted.task);
      }
      for (const path of ["/status", "/infrastructure/status"]) expect((await look("red", path)).status).toBe(403);
      const control = { method: "POST", headers: { authorization: `Bearer ${keys.blue["agent-manager"]}`, "content-type": "application/json" } };
      for (const path of [`/infrastructure/services/${planted.agent}/control`, "/infrastructure/deploy-all"])
        expect((await (await fetch(url + path, { ...control, body: '{"action":"pause"}' })).text()).includes(MARK)).toBe(false);
    });
    test("after all that a stranger asked, what is planted is there and as it was", async () => {
      const { client, planted } = tenants;
      expect((await client.getTask({ params: { id: planted.task } })).status).toBe("waiting");
      expect(await client.getAgent({ params: { id: planted.agent } })).toMatchObject({ description: MARK, enabled: true });
      expect(await client.getSession({ params: { id: planted.session } })).toMatchObject({ title: MARK, turns: 0, pins: [], metadata: {} });
      expect(await client.getSchedule({ params: { id: planted.schedule } })).toMatchObject({ enabled: true, task: { description: MARK } });
      expect(await client.getApproval({ params: { id: planted.approval } })).toMatchObject({ state: "open" });
      expect(await client.getWorkspace({ params: { id: planted.workspace } })).toMatchObject({ state: "ready" });
      expect(await client.getLanding({ params: { id: planted.landing } })).toMatchObject({ state: "refused", tries: 1 });
      expect(await client.getConflict({ params: { id: planted.conflict } })).toMatchObject({ state: "open" });
      expect(await client.getMessage({ params: { id: planted.message } })).toMatchObject({ payload: MARK });
      const letters = await client.listDeadLetters({ query: { recipientId: planted.mailbox } });
      expect(letters.items.map(({ delivery }) => delivery.id)).toEqual([planted["dead letter"]]);
      expect((await client.listSubscriptions({})).items.map(({ id }) => id)).toContain(planted.subscription);
      expect((await client.listApprovalRules({})).items.map(({ id }) => id)).toContain(planted["approval rule"]);
    });

    test.each(cases.filter(([name, role]) => role === "agent-manager" && !name.startsWith("remove") && typeof routeReach[name] === "object"))(
      "%s reaches what a member who is %s names",
      async (name, role) => {
        const { names = {} } = routeReach[name] as Exclude<Reach, string>;
        for (const [path, noun] of Object.entries(names)) {
          const { status, text } = await ask(tenants.url, name, tenants.keys.red[role], withNamed(bodies[name], path, tenants.planted[noun], tenants.shared));
          expect([400, 401, 403], text).not.toContain(status);
          expect(text).not.toContain(`There is no ${noun.replace("managed ", "")} ${tenants.planted[noun]}.`);
        }
      },
    );
    test.each(["agent-manager", "user", "viewer"] as const)("a %s of the project finds what is theirs, and nothing of the other", async (role) => {
      const { as, planted, client } = tenants;
      const blue = await client.submitTask({ body: { title: "blue only", description: "Go.", requirements: ["nobody-has-this"], projectId: "blue" } });
      const red = as("red", role);
      expect((await red.listTasks({})).items.map(({ id }) => id)).toContain(planted.task);
      expect((await red.listAgents({})).items.map(({ id }) => id)).toContain(planted.agent);
      expect((await red.listApprovals({})).items.map(({ id }) => id)).toContain(planted.approval);
      expect((await red.listWorkspaces({})).items.map(({ id }) => id)).toContain(planted.workspace);
      expect((await red.listCheckpoints({ params: { id: tenants.shared } })).items.map(({ id }) => id)).toContain(planted.checkpoint);
      expect((await red.listLandings({})).items.map(({ id }) => id)).toContain(planted.landing);
      expect((await red.listVerdicts({ query: { landingId: planted.landing } })).items.map(({ id }) => id)).toContain(planted.verdict);
      const { repository } = await red.getWorkspace({ params: { id: planted.workspace } });
      expect((await red.getGatesInForce({ query: { repository: repository.path } })).gates).toEqual([]);
      expect((await red.listMessages({})).items.map(({ id }) => id)).toContain(planted.message);
      expect((await red.listMailboxes({})).items.map(({ id }) => id)).toContain(planted.mailbox);
      expect((await red.listSubscriptions({})).items.map(({ id }) => id)).toContain(planted.subscription);
      expect((await red.listConflicts({})).items.map(({ id }) => id)).toEqual([planted.conflict]);
      expect((await red.listApprovalRules({})).items.map(({ id }) => id)).toEqual([planted["approval rule"]]);
      expect(await red.getTask({ params: { id: planted.task } })).toMatchObject({ projectId: "red" });
      expect(JSON.stringify([await red.listTasks({}), await red.listAgents({})])).not.toContain("blue");
      await expect(red.getTask({ params: { id: blue.id } })).rejects.toMatchObject({ code: "not_found" });
      expect((await red.listProjects({})).items.map(({ name }) => name)).toEqual(["red"]);
    });

    test.each(["red", "blue"] as const)("whoever follows events in %s sees those of it alone, on every live door", async (project) => {
      const { url, as, keys, client, planted } = tenants;
      const mark = `${project} comes last ${Date.now()}`;
      const own: Event[] = [];
      const heard = followAll(url, keys[project].user);
      const hub = await connectHub(url, keys[project].user);
      const task = await client.submitTask({ body: { title: mark, description: "Go.", requirements: ["nobody-has-this"], projectId: project } });
      await client.cancelTask({ params: { id: task.id } });
      for await (const event of as(project, "user").followEvents({ after: 0, signal: AbortSignal.timeout(60_000) })) {
        own.push(event);
        if (event.taskId === task.id && event.type === "task.cancelled") break;
      }
      const page = await fetch(`${url}/api/v1/events?after=0&limit=500`, { headers: { authorization: `Bearer ${keys[project].user}` } }).then((got) =>
        got.json(),
      );
      const overSocket = await heard(task.id);
      await hub.heard(task.id);
      for (const events of [own, page.items as Event[], overSocket]) {
        const isOfRed = events.some(({ taskId }) => taskId === planted.task);
        expect(isOfRed).toBe(project === "red");
        for (const told of ["conflict.detected", "mailbox.created"]) expect(events.some(({ type }) => type === told)).toBe(isOfRed);
        for (const { type, data } of events) if (type.startsWith("message.")) expect(data["projectId"]).toBe(project);
      }
      expect(hub.told.some((one) => JSON.stringify(one).includes(planted.task))).toBe(false);
    });
    test("monitors tell of everything, and only to who is in all projects", async () => {
      const socket = new WebSocket(`${tenants.url.replace("http", "ws")}/ws`, { headers: { authorization: `Bearer ${tenants.keys.blue["agent-manager"]}` } });
      const said: string[] = [];
      socket.on("message", (data) => said.push(String(data)));
      expect(await new Promise((resolve) => socket.on("close", (code) => resolve(code)))).toBe(1008);
      expect(said).toEqual([]);
    });

    test("work is given to agents of its project, or to those that all share, and to nobody else", async () => {
      const { client, as, until, addCommand } = tenants;
      const blue = as("blue", "user");
      const { id } = await blue.submitTask({ body: { description: "echo hello", requirements: ["red-work"] } });
      const waiting = await until(id, ({ status }) => status === "waiting");
      expect(waiting.projectId).toBe("blue");
      expect(JSON.stringify(await blue.getTask({ params: { id } }))).not.toContain(MARK);
      const named = await blue.submitTask({
        body: { description: "echo hello", pattern: "steps", steps: [{ id: "a", title: "a", description: "echo hello", agent: `${MARK}-worker` }] },
      });
      const asked = await until(named.id, ({ status }) => status === "waiting");
      expect(asked.waitingFor?.detail).toBe(`No registered agent is called ${MARK}-worker.`);
      const preview = await blue.previewTask({ body: { description: "echo hello", requirements: ["red-work"] } });
      expect(JSON.stringify(preview)).not.toContain(MARK);
      const shared = await addCommand(`shared-${Date.now()}`, { capabilities: ["red-work"] });
      const done = await until(id, ({ status }) => status === "completed");
      expect(done.steps[0]?.attempts.map(({ agentId }) => agentId)).toEqual([shared]);
      const attempts = await as("red", "user").listAgentAttempts({ params: { id: shared } });
      expect(attempts.items.map(({ taskId }) => taskId)).not.toContain(id);
      await client.removeAgent({ params: { id: shared } });
    });
    test("who is in one project of several has this server run no command, read nothing of its own, and name no repository", async () => {
      const { as } = tenants;
      const manager = as("blue", "agent-manager");
      const refused = { code: "forbidden" };
      await expect(manager.createAgent({ body: { name: "shell", connector: command } })).rejects.toMatchObject(refused);
      // Each of them read to the end, this would take minutes.
      const mapping = { request: { bodyMapping: { a: `${"${".repeat(200_000)}HOME}` } } };
      await expect(
        manager.createAgent({ body: { name: "opened", connector: { kind: "http", endpoint: "http://127.0.0.1:9", mapping } } }),
      ).rejects.toMatchObject(refused);
      const http = { kind: "openai" as const, model: "m", baseUrl: "http://127.0.0.1:1/v1" };
      await expect(manager.createAgent({ body: { name: "thief", connector: { ...http, headers: { "x-key": "${OPENAI_API_KEY}" } } } })).rejects.toMatchObject(
        refused,
      );
      await expect(
        manager.createAgent({ body: { name: "thief", connector: { ...http, auth: { type: "bearer_token", envVar: "OPENAI_API_KEY" } } } }),
      ).rejects.toMatchObject(refused);
      const tools = { name: "t", command: process.execPath, args: [] };
      await expect(manager.createAgent({ body: { name: "thief", connector: { ...http, mcpServers: [tools] } } })).rejects.toMatchObject(refused);
      await expect(manager.submitTask({ body: { description: "Go.", repository: process.cwd() } })).rejects.toMatchObject(refused);
      await expect(manager.getGatesInForce({ query: { repository: process.cwd() } })).rejects.toMatchObject(refused);
      await expect(manager.createLanding({ body: { repository: process.cwd(), source: "main" } })).rejects.toMatchObject(refused);
      const step = { id: "a", title: "a", description: "Go.", check: { command: "true" } };
      await expect(manager.submitTask({ body: { description: "Go.", pattern: "steps", steps: [step] } })).rejects.toMatchObject(refused);
    });
    test("a message goes to nobody of another project, whichever way it is sent, and an answer neither", async () => {
      const { as, client, planted, shared } = tenants;
      const blue = as("blue", "user");
      const payload = "from blue";
      for (const recipientId of [planted.mailbox, planted["managed agent"], `${MARK}-worker`])
        await expect(blue.sendMessage({ body: { payload, recipientId } })).rejects.toMatchObject({
          code: "not_found",
          message: expect.stringContaining(`There is no agent or mailbox ${recipientId}.`),
        });
      const asked = { payload, recipientId: shared, pattern: "request_response" as const };
      await expect(blue.sendMessage({ body: { ...asked, replyTo: planted.mailbox } })).rejects.toMatchObject({ code: "not_found" });
      const answer = { payload, pattern: "request_response" as const, correlationId: planted.message };
      await expect(blue.sendMessage({ body: answer })).rejects.toMatchObject({ code: "not_found" });
      expect((await blue.sendMessage({ body: { payload, topic: "planted.topic" } })).recipients).toBe(0);
      const { id } = await blue.broadcastMessage({ body: { payload } });
      const went = (await client.listDeliveries({ params: { id }, query: { limit: 500 } })).items.map(({ recipientId }) => recipientId);
      expect(went).toContain(shared);
      for (const one of [planted.mailbox, planted.agent, planted["managed agent"]]) expect(went).not.toContain(one);
      expect((await blue.getMessage({ params: { id } })).payload).toBe(payload);
      await expect(as("red", "user").getMessage({ params: { id } })).rejects.toMatchObject({ code: "not_found" });
      expect((await as("red", "user").sendMessage({ body: { payload: "from red", topic: "planted.topic" } })).recipients).toBe(1);
      expect(JSON.stringify(await blue.listMessages({ query: { limit: 500 } }))).not.toContain("from red");
    });
    test("an agent that dials in is of the project of its key, and cannot be one of another", async () => {
      const { url, keys, client, as, planted } = tenants;
      const connect = (project: "red" | "blue", name: string) =>
        connectAgent({ url, apiKey: keys[project].agent, name, capabilities: ["dialled"] }, () => "done");
      const mine = await connect("red", `${MARK}-dialled`);
      onTestFinished(() => mine.close({ graceMs: 0 }));
      expect(await client.getAgent({ params: { id: `${MARK}-dialled` } })).toMatchObject({ projectId: "red" });
      await expect(connect("blue", `${MARK}-dialled`)).rejects.toThrow(/called/);
      expect((await mine.send({ recipientId: planted.mailbox, payload: "dialled" })).recipients).toBe(1);
      await expect(as("blue", "viewer").getAgent({ params: { id: `${MARK}-dialled` } })).rejects.toMatchObject({ code: "not_found" });
    });
    test("the idempotency key of another answers nothing of theirs, not even of one who is called the same", async () => {
      const { client, url } = tenants;
      const namesake = async (project: "red" | "blue") =>
        createClient({ url, apiKey: (await client.createApiKey({ body: { name: "ci", role: "user", projects: [project] } })).key });
      const body = { description: "Go.", requirements: ["nobody-has-this"] };
      const [red, blue] = [
        await (await namesake("red")).submitTask({ body, idempotencyKey: "same" }),
        await (await namesake("blue")).submitTask({ body, idempotencyKey: "same" }),
      ];
      expect(blue.id).not.toBe(red.id);
      expect(blue.projectId).toBe("blue");
    });
  });
}

/** Everything a socket is told, until the task ended. */
function followAll(url: string, key: string): (taskId: string) => Promise<Event[]> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`, { headers: { authorization: `Bearer ${key}` } });
  onTestFinished(() => socket.close());
  const events: Event[] = [];
  const waiting: (() => void)[] = [];
  socket.on("open", () => socket.send(JSON.stringify({ type: "subscribe", id: "all", after: 0 })));
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as { type: string; event?: Event };
    if (frame.event) events.push(frame.event);
    for (const wake of waiting.splice(0)) wake();
  });
  return async (taskId) => {
    while (!events.some((event) => event.taskId === taskId && event.type === "task.cancelled")) await new Promise<void>((wake) => waiting.push(wake));
    return events;
  };
}
async function connectHub(url: string, key: string) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${url}/orchestrationHub`, { accessTokenFactory: () => key })
    .configureLogging(signalR.LogLevel.None)
    .build();
  const told: unknown[][] = [];
  const waiting: (() => void)[] = [];
  connection.on("TaskProgressUpdate", (...args: unknown[]) => {
    told.push(args);
    for (const wake of waiting.splice(0)) wake();
  });
  await connection.start();
  onTestFinished(() => connection.stop());
  return {
    told,
    heard: async (taskId: string) => {
      while (!told.some(([id]) => id === taskId)) await new Promise<void>((wake) => waiting.push(wake));
    },
  };
}

const postgres = await postgresUrl();

tenantsOn("SQLite", () => startTenants());
const databaseUrl = postgres === undefined ? undefined : await createDatabase(postgres);
if (databaseUrl !== undefined) tenantsOn("Postgres", () => startTenants({ databaseUrl }));
