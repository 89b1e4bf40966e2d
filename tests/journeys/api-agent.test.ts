// The API agent, started as its user starts it, registered by its address alone, and put to work by a real server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startModelServer } from "../model-server/model-server.ts";
import { startJourney } from "./world.fixture.ts";

const PROGRAM = fileURLToPath(new URL("../../examples/agents/api-agent.mjs", import.meta.url));
interface Started {
  url: string;
  exitCode: () => number | null;
  said: () => string;
}
async function start(environment: Record<string, string> = {}, ...args: string[]): Promise<Started> {
  const child = spawn(process.execPath, [PROGRAM, "--port", "0", "--until-stdin-ends", ...args], { env: environment, stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, "line").then(([text]) => text as string), once(child, "close").then(() => undefined)]);
  const port = line === undefined ? 0 : (JSON.parse(line) as { listening: { port: number } }).listening.port;
  return { url: `http://127.0.0.1:${port}`, exitCode: () => child.exitCode, said: () => said };
}
const ask = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/process`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
};

test("its protocol is answered, with what the data is made of", async () => {
  const { url } = await start();
  const data = [
    { city: "Ulm", people: 126 },
    { city: "Bonn", people: null },
    { city: "Ulm", people: 130 },
  ];
  expect(await ask(url, { task_type: "analysis", data, instructions: "...", context: {} })).toMatchObject({
    status: 200,
    body: {
      status: "success",
      processing_time_ms: expect.any(Number),
      result: {
        description: {
          kind: "table",
          rows: 3,
          columns: { city: { distinct: 2, top: [{ value: "Ulm", count: 2 }, {}] }, people: { missing: 1, min: 126, max: 130, mean: 128 } },
        },
        note: expect.stringContaining("were not followed"),
      },
    },
  });
  expect(await ask(url, { data: "a;b\n1;x\n2;y" })).toMatchObject({
    body: { result: { description: { kind: "table", rows: 2, columns: { a: { mean: 1.5 } } } } },
  });
});

test.each([
  [{}, "Give data, instructions, or both."],
  [{ instructions: "Think." }, "Instructions without data need a model"],
  [{ data: 1, task_type: 7 }, "task_type is a word"],
])("it refuses %j and says why", async (body, message) => {
  const { url } = await start();
  const answered = await ask(url, body);
  expect(answered).toMatchObject({ status: 422, body: { status: "error" } });
  expect(answered.body["error"]).toContain(message);
});

test("a server sends it a step's input and the words of it, and takes its result", async () => {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const { url } = await start({ MODEL: "scripted", MODEL_BASE_URL: `${model.url}/v1` });
  const { client } = await startJourney();
  await client.createAgent({ body: { name: "describer", connector: { kind: "http", endpoint: url }, capabilities: ["data_description"] } });
  const step = { id: "describe", description: "Which is largest? [[say Nine.]]", requirements: ["data_description"], input: { sales: [1, 9] } };
  const { id } = await client.submitTask({ body: { description: "Look at sales.", steps: [step] } });
  expect(await client.waitForTask(id)).toMatchObject({
    status: "completed",
    result: { task_type: "general", answer: "Nine.", description: { kind: "object", fields: { sales: { max: 9 } } } },
  });
  expect(model.calls[0]?.prompt).toContain('{"sales":[1,9]}');
});

test("others are let in only with a key", async () => {
  const refused = await start({}, "--host", "0.0.0.0");
  await expect.poll(() => refused.exitCode()).toBe(2);
  expect(refused.said()).toContain("AGENT_KEY");
  const { url } = await start({ AGENT_KEY: "a-key" }, "--host", "0.0.0.0");
  expect(await ask(url, { data: 1 })).toMatchObject({ status: 401 });
  expect(await ask(url, { data: 1 }, { authorization: "Bearer a-key" })).toMatchObject({ status: 200 });
});

test("a model that is half named is refused at the start", async () => {
  const started = await start({ OPENAI_API_KEY: "sk-secret" });
  await expect.poll(() => started.exitCode()).toBe(2);
  expect(started.said()).toContain("Which model of openai?");
  expect(started.said()).not.toContain("sk-secret");
});
