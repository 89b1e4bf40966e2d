// Input made to be as much work as a body allows. Each answered slowly once, broke something, or is the kind that does.
import { afterAll, beforeAll, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { expectAnswer } from "./expect-answer.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";

let server: InhabitedServer;
beforeAll(async () => {
  server = await openInhabitedServer();
});
afterAll(() => server.close());

const times = (count: number, text: (at: number) => string): string => Array.from({ length: count }, (_, at) => text(at)).join(",");
const task = (steps: string): string => `{"description":"heavy","requirements":["nobody-has-this"],"steps":[${steps}]}`;
const agent = (connector: string, capabilities = ""): string => `{"name":"heavy","connector":${connector},"capabilities":[${capabilities}]}`;
const withInput = (count: number, path: string): string => task(`{"id":"a","input":[${times(count, () => JSON.stringify(path))}]}`);
const dense = times(300, (at) => `{"id":"s${at}","requirements":["nobody-has-this"],"needs":[${times(at, (before) => `"s${before}"`)}]}`);

const cases: [what: string, path: string, body: string, status: number][] = [
  ["400,000 technologies", "/api/v1/agents", agent('{"kind":"dialin"}', `{"name":"x","technologies":[${times(400_000, () => "1")}]}`), 400],
  ["400,000 requirements of a step", "/api/v1/tasks", task(`{"id":"a","requirements":[${times(400_000, () => "1")}]}`), 400],
  ["300,000 empty steps", "/api/v1/tasks", task(times(300_000, () => "{}")), 400],
  ["60,000 unknown fields", "/api/v1/tasks", `{"description":"a",${times(60_000, (at) => `"k${at}":1`)}}`, 400],
  ["100,000 references", "/api/v1/tasks/preview", withInput(100_000, "$.a"), 400],
  ["100,000 broken references", "/api/v1/tasks/preview", withInput(100_000, "$.["), 400],
  ["30,000 references that filter", "/api/v1/tasks/preview", withInput(30_000, "$.steps[?@.b==1]"), 400],
  ["9,000 references", "/api/v1/tasks/preview", withInput(9000, "$.task.a"), 200],
  [
    "100,000 paths in a mapping",
    "/api/v1/agents",
    agent(`{"kind":"http","endpoint":"http://127.0.0.1:9","mapping":{"request":{"bodyMapping":[${times(100_000, () => '"$.a"')}]}}}`),
    400,
  ],
  ["a circle of 1,000 steps", "/api/v1/tasks", task(times(1000, (at) => `{"id":"s${at}","needs":["s${(at + 1) % 1000}"]}`)), 400],
  ["300 steps that need all before them", "/api/v1/tasks", task(dense), 201],
  ["a million brackets", "/api/v1/tasks", "[".repeat(1_000_000), 400],
  ["more than a body may have", "/api/v1/tasks", `"${"x".repeat(1 << 20)}"`, 413],
];

test.each(cases)("%s are answered in time", async (_, path, body, status) => {
  const sent = { method: "POST", path, headers: { "content-type": "application/json" }, body };
  const answer = await exchange(server.url, sent);
  expectAnswer(undefined, { ...sent, body: body.slice(0, 200) }, answer);
  expect(answer.status, answer.text.slice(0, 300)).toBe(status);
});

test("an address that would be stored otherwise than it is called is refused", async () => {
  for (const odd of ["\\u0000x", "\\ud800x", " x"]) {
    const body = agent(`{"kind":"http","endpoint":"http://127.0.0.1:9/${odd}"}`);
    const answer = await exchange(server.url, { method: "POST", path: "/api/v1/agents", headers: { "content-type": "application/json" }, body });
    expect(answer.text).toContain('"path":"body.connector.endpoint"');
  }
});

test("a task with the longest estimate there is can be read while it is carried out", async () => {
  const headers = { "content-type": "application/json" };
  const submit = (estimatedDurationMs: number) =>
    exchange(server.url, {
      method: "POST",
      path: "/api/v1/tasks",
      headers,
      body: JSON.stringify({ id: "long", description: "hang", requirements: ["hanging"], constraints: { estimatedDurationMs } }),
    });
  const refused = await submit(Number.MAX_SAFE_INTEGER);
  expect(refused.text).toContain('"path":"body.constraints.estimatedDurationMs"');
  expect((await submit(366 * 86_400_000)).status).toBe(201);
  const read = () => exchange(server.url, { method: "GET", path: "/api/v1/tasks/long" });
  await expect.poll(async () => (await read()).text).toContain('"expectedCompletionAt":"2');
});

test("null is no object", async () => {
  const answer = await exchange(server.url, { method: "PATCH", path: "/api/v1/agents/worker", headers: { "content-type": "application/json" }, body: "null" });
  expect(answer.status).toBe(400);
});
