// Good input of every shape the schemas allow: accepted, answered as sent, and read back as answered.
import { type Agent, agentInput, parse, type Task, type Template, type TemplateInput, type TaskInput, taskInput, templateInput } from "@baton/contract";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbitraryOf } from "./arbitrary-of.ts";
import { exchange } from "./exchange.ts";
import { tame } from "./requests.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";
import { createDatabase, postgresUrl } from "../services.ts";

const postgres = await postgresUrl();
const databaseUrl = postgres === undefined ? undefined : await createDatabase(postgres);

describe.each([
  ["SQLite", undefined],
  ["Postgres", databaseUrl],
])("good input on %s", (store, url) => {
  let server: InhabitedServer;
  beforeAll(async () => {
    if (store === "SQLite" || url !== undefined) server = await openInhabitedServer({ databaseUrl: url });
  });
  afterAll(() => server?.close());
  const runs = store === "SQLite" ? 80 : 25;

  /** Stores it under a name of its own and reads it back. @returns undefined when it was refused for what no schema says. */
  async function create<T extends { id: string }>(path: string, body: unknown): Promise<T | undefined> {
    const headers = { "content-type": "application/json" };
    const made = await exchange(server.url, { method: "POST", path, headers, body: JSON.stringify(body) });
    if (made.status !== 201) {
      expect([400, 409, 422], `${made.text} for ${JSON.stringify(body)}`).toContain(made.status);
      return undefined;
    }
    const answer = JSON.parse(made.text) as T;
    const read = await exchange(server.url, { method: "GET", path: `${path}/${encodeURIComponent(answer.id)}` });
    expect(JSON.parse(read.text)).toMatchObject(unchanging(answer));
    return answer;
  }
  /** What does not change by itself. */
  const unchanging = (answer: object): object =>
    Object.fromEntries(
      Object.entries(answer).filter(
        ([name]) =>
          !["status", "reason", "waitingFor", "steps", "stepsDone", "startedAt", "completedAt", "failure", "result", "cost", "updatedAt", "version"].includes(
            name,
          ),
      ),
    );
  let count = 0;
  const named = (body: unknown): Record<string, unknown> => ({ ...(body as object), name: `${(body as { name: string }).name.slice(0, 150)}-${++count}` });
  const withoutId = ({ id: _, ...rest }: Record<string, unknown>): Record<string, unknown> => rest;

  test.skipIf(store === "Postgres" && url === undefined)("agents", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOf(agentInput).map(tame).map(named).map(withoutId), async (body) => {
        const agent = await create<Agent>("/api/v1/agents", body);
        if (!agent) return;
        const {
          name,
          description,
          type,
          role,
          maxConcurrentTasks,
          resourceLimits,
          enabled,
          metadata,
          environment,
          category = null,
          projectId = null,
        } = parse(agentInput, body, "body");
        expect(agent).toMatchObject({ name, description, type, role, maxConcurrentTasks, resourceLimits, enabled, category, projectId });
        expect(agent.metadata).toEqual(JSON.parse(JSON.stringify(metadata)));
        expect(Object.keys(agent.environment)).toEqual(Object.keys(environment));
        expect(Object.values(agent.environment).every((value) => value === "********")).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  test.skipIf(store === "Postgres" && url === undefined)("templates", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOf(templateInput).map(named), async (body) => {
        const template = await create<Template>("/api/v1/templates", body);
        const { requestMapping, ...expected } = JSON.parse(JSON.stringify(parse(templateInput, body, "body"))) as TemplateInput;
        if (!template) return;
        const { headers, ...mapping } = template.requestMapping;
        const { headers: sent, ...sentMapping } = requestMapping;
        expect({ ...template, requestMapping: mapping }).toMatchObject({ ...expected, requestMapping: sentMapping });
        // What may be a secret comes back masked, everything else as it was.
        for (const [name, value] of Object.entries(sent)) expect([value, "********"]).toContain(headers[name]);
      }),
      { numRuns: runs },
    );
  });

  test.skipIf(store === "Postgres" && url === undefined)("tasks", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOf(taskInput), fc.boolean(), async (given, keepsSteps) => {
        const { id: _, dependsOn: __, sessionId: ___, steps, ...rest } = given as TaskInput;
        // Needs that are met by chance are rare: steps get those that can be.
        const chained = steps?.map((step, at) => ({
          ...step,
          id: `${step.id}-${at}`.slice(-200),
          needs: at === 0 ? [] : [`${steps[at - 1]?.id}-${at - 1}`.slice(-200)],
        }));
        const body = {
          ...rest,
          requirements: [...(rest.requirements ?? []).slice(0, 40), "nobody-has-this"],
          ...(keepsSteps && chained && rest.pattern !== "single" ? { steps: chained, pattern: "steps" as const } : { pattern: "single" as const }),
        };
        const task = await create<Task>("/api/v1/tasks", body);
        if (!task) return;
        const expected = parse(taskInput, body, "body");
        const { description, type, requirements, priority, files = [], language = null, repository = null, projectId = null, constraints } = expected;
        expect(task).toMatchObject({ description, type, requirements, priority, files, language, repository, projectId, sessionId: null, constraints });
        expect(task.metadata).toEqual(JSON.parse(JSON.stringify(expected.metadata)));
        expect(task.payload).toEqual(JSON.parse(JSON.stringify(expected.payload ?? null)));
        expect(task.steps.map((step) => step.id)).toEqual(expected.steps?.map((step) => step.id) ?? ["main"]);
      }),
      { numRuns: runs },
    );
  });

  test.skipIf(store === "Postgres" && url === undefined)("nothing of it was logged as a bug", () => expect(server.errors()).toBe(""));
});
