// Steps that ask for tools, held against every store: who gets them, with what, and what they wait for.
import { EVERYWHERE } from "../store/scope.ts";
import { agentInput, parse, taskInput, type Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { actOnAgent, getAgent, patchAgent } from "../agents/agents.ts";
import { createAgent } from "../agents/create-agent.ts";
import type { HandedServer } from "../connectors/connector.ts";
import { listTools } from "../agents/list-tools.ts";
import { sql } from "../store/sql.ts";
import { previewTask } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type TestServer } from "./tasks.testkit.ts";

const acp = { kind: "acp" as const, command: "true" };
const tools = { kind: "mcp" as const, server: { name: "own-name", url: "http://127.0.0.1:1/mcp", headers: { authorization: "Bearer s3cret" } } };

export function testTools(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`steps that ask for tools on ${store}`, () => {
    const servers: TestServer[] = [];
    const handed: { work: Work; agent: string; servers: readonly HandedServer[] }[] = [];
    const start = async (): Promise<TestServer> => {
      handed.length = 0;
      const server = await openTestServer(await freshStore(), (work, context, agent) => {
        handed.push({ work, agent, servers: context.toolServers });
        return done();
      });
      servers.push(server);
      return server;
    };
    const addTools = (server: TestServer, name: string) =>
      createAgent(server, parse(agentInput, { name, connector: tools, capabilities: [{ name: "storage", technologies: ["s3"] }] }, "body"));
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });

    test("go to an agent that can be handed them, which gets the tool server with its secrets", async () => {
      const server = await start();
      await server.addAgent("plain", { capabilities: ["code"] });
      await server.addAgent("coder", { connector: acp, capabilities: ["code"] });
      await addTools(server, "vault");
      const task = await server.until(await server.submit({ description: "x", requirements: ["code"], tools: ["Storage"] }), "completed");
      expect(handed).toMatchObject([
        { agent: "coder", servers: [{ name: "vault", url: "http://127.0.0.1:1/mcp", headers: { authorization: "Bearer s3cret" } }] },
      ]);
      expect(task).toMatchObject({ tools: ["Storage"], steps: [{ tools: ["storage"] }] });
      expect(task.steps[0]?.attempts[0]?.assignment.reasons).toContain("Is handed the tool server vault.");
      const rows = await server.db.all<{ text: string }>(
        sql`select data as text from events union all select assignment from attempts union all select connector from agents`,
      );
      expect(JSON.stringify([rows, task])).not.toContain("s3cret");
    });
    test("wait while nobody gives them, and go on when somebody does", async () => {
      const server = await start();
      await server.addAgent("coder", { connector: acp });
      const id = await server.submit({ description: "x", steps: [{ id: "one", tools: ["s3"] }] });
      expect((await server.until(id, "waiting")).waitingFor).toEqual({ kind: "agent", detail: "No registered tool server gives s3." });
      const { id: vault } = await addTools(server, "vault");
      await server.until(id, "completed");
      await actOnAgent(server, vault, { action: "pause", graceful: true });
      const second = await server.submit({ description: "x", tools: ["vault"] });
      expect((await server.until(second, "waiting")).waitingFor?.detail).toContain("The only tool server that gives vault cannot be used: vault is paused");
      await actOnAgent(server, vault, { action: "resume", graceful: true });
      await server.until(second, "completed");
      expect(handed).toHaveLength(2);
    });
    test("wait for an agent that may be handed them", async () => {
      const server = await start();
      const coder = await server.addAgent("coder", { connector: acp, toolServers: "none" });
      await addTools(server, "vault");
      const id = await server.submit({ description: "x", tools: ["storage"] });
      expect((await server.until(id, "waiting")).waitingFor?.detail).toBe(
        "The only agent that could do it cannot be handed storage: coder is to be handed none.",
      );
      await patchAgent(server, coder, { toolServers: ["vault"] });
      await server.until(id, "completed");
      expect(getAgent(server, coder).toolServers).toEqual(["vault"]);
    });
    test("have those of their task unless they name their own; those who steer need none", async () => {
      const server = await start();
      await server.addAgent("coder", { connector: acp });
      await addTools(server, "vault");
      const steps = [{ id: "task" }, { id: "none", tools: [] }];
      await server.until(await server.submit({ description: "x", tools: ["storage"], steps }), "completed");
      expect(new Map(handed.map(({ work, servers: those }) => [work.stepId, those.length]))).toEqual(
        new Map([
          ["task", 1],
          ["none", 0],
        ]),
      );
      const preview = await previewTask(server, parse(taskInput, { description: "x", tools: ["storage"], pattern: "hierarchical" }, "body"));
      expect(preview.steps.map((step) => step.tools)).toEqual([[]]);
    });
    test("are previewed with the tools at hand and who gets them", async () => {
      const server = await start();
      await server.addAgent("coder", { connector: acp, capabilities: ["s3"] });
      await addTools(server, "vault");
      const discovered = JSON.stringify({
        tools: [{ name: "put", description: "Puts an object." }],
        resources: [{ uri: "s3://a", name: "a", description: "" }],
      });
      await server.db.transaction((tx) => tx.run(sql`update agents set discovered = ${discovered}, change_seq = change_seq + 1 where name = 'vault'`));
      await server.registry.refresh();
      const [step] = (await previewTask(server, parse(taskInput, { description: "x", requirements: ["s3"], tools: ["put", "mail"] }, "body"))).steps;
      expect(step).toMatchObject({
        tools: ["put", "mail"],
        availableTools: [
          { serverName: "vault", name: "put", matches: "put", asked: true, unavailable: null },
          { name: "put", matches: "s3", asked: false },
        ],
        availableResources: [{ kind: "resource", uri: "s3://a", matches: "s3", asked: false }],
        enhancedRequirements: [
          { name: "s3", by: "agent", servers: [] },
          { name: "put", by: "tools", servers: ["vault"] },
          { name: "mail", by: "tools", servers: [] },
        ],
        assignment: null,
        waitingFor: { detail: "No registered tool server gives mail." },
      });
      const found = (query: object) => listTools(server, EVERYWHERE, { limit: 10, offset: 0, ...query }).items.map(({ name }) => name);
      expect([found({}), found({ match: "object" }), found({ match: "nothing" }), found({ agent: "coder" })]).toEqual([
        ["put", "a"],
        ["put"],
        [],
        ["put", "a"],
      ]);
    });
  });
}
