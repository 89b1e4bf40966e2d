import { routes } from "@baton/contract";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterEach, expect, test } from "vitest";
import type { HttpServer } from "./http.ts";
import { toOpenApi } from "./openapi.ts";
import { openTestHttp } from "./http.testkit.ts";

const opened: HttpServer[] = [];
afterEach(async () => {
  for (const http of opened.splice(0)) await http.close();
});
async function open(): Promise<HttpServer> {
  const http = await openTestHttp();
  opened.push(http);
  return http;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}
const document = toOpenApi("1.2.3") as unknown as Document;

test("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  const result = await validator.validate(toOpenApi("1.2.3"));
  expect(result.errors ?? []).toEqual([]);
  expect([result.valid, validator.version]).toEqual([true, "3.1"]);
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? "");
  const lost = references.filter(
    (reference) =>
      reference
        .slice(2)
        .split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) === undefined,
  );
  expect(lost).toEqual([]);
  expect(references.length).toBeGreaterThan(50);
});

test("every route of the table is an operation", () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path).map((operation) => operation.operationId));
  expect(operations.toSorted()).toEqual(Object.keys(routes).toSorted());
});

test("nouns are named components", () => {
  const { getTask, submitTask } = Object.fromEntries(
    Object.values(document.paths).flatMap((path) => Object.values(path).map((operation) => [operation.operationId, operation])),
  );
  expect(getTask?.responses["200"]?.content?.["application/json"]?.schema).toEqual({ $ref: "#/components/schemas/Task" });
  expect(submitTask?.requestBody?.content["application/json"]?.schema).toEqual({ $ref: "#/components/schemas/TaskInput" });
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(["Agent", "AgentStatus", "Attempt", "Event", "Problem", "Step", "Task", "TaskInput", "Template"]),
  );
});

test("query fields are parameters that may be left out", () => {
  const list = document.paths["/api/v1/tasks"]?.["get"];
  expect(list?.parameters.find((parameter) => parameter.name === "limit")).toMatchObject({
    in: "query",
    required: false,
    schema: { type: "integer", maximum: 500 },
  });
});

test("what has a default need not be sent", () => {
  expect(document.components.schemas["TaskInput"]).toMatchObject({
    required: ["description"],
    properties: { priority: { enum: expect.arrayContaining(["normal"]) } },
  });
});

test("what is accepted and answered differently has two components, and references lead to the right one", () => {
  // What is handed in is answered too, with its defaults filled in: where an agent was found it is told how it would be registered.
  const {
    AgentInputInput: AgentInput,
    Agent,
    ProcessConnector,
    ProcessConnectorInput,
  } = document.components.schemas as Record<string, { required?: string[]; properties: Record<string, unknown> }>;
  expect(Agent?.properties["connector"]).toEqual({ $ref: "#/components/schemas/Connector" });
  expect(AgentInput?.properties["connector"]).toEqual({ $ref: "#/components/schemas/ConnectorInput" });
  expect(ProcessConnector?.required).toEqual(["kind", "command", "args", "output"]);
  expect(ProcessConnectorInput?.required).toEqual(["kind", "command"]);
});

test("the server answers the document and a page over it that names no other server", async () => {
  const http = await open();
  expect(await (await fetch(`${http.address}/api/v1/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0", info: { version: "0.0.0-test" } });
  const page = await fetch(`${http.address}/docs`);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect((await page.text()) + (await (await fetch(`${http.address}/docs/start.js`)).text())).not.toMatch(/https?:\/\//);
  const bundle = await fetch(`${http.address}/docs/scalar.js`);
  expect([bundle.status, bundle.headers.get("content-encoding")]).toEqual([200, "gzip"]);
  expect((await bundle.text()).length).toBeGreaterThan(1_000_000);
});
