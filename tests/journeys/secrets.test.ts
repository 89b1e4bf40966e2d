// Secrets planted wherever one may put them, and looked for wherever one could find them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Route, routes } from "@baton/contract";
import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "@baton/client";
import { startJourney } from "./world.fixture.ts";

const secret = (what: string): string => `planted-${what}-7f3a9c`;
const planted = ["header", "environment", "lent", "apikey", "wrongkey", "broken"].map(secret);
afterEach(() => vi.unstubAllEnvs());

/** Everything in all files below, as bytes. */
function bytesBelow(directory: string): [file: string, bytes: Buffer][] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? bytesBelow(path) : [[path, readFileSync(path)] as [string, Buffer]];
  });
}
const found = (text: string | Buffer): string[] => planted.filter((one) => text.includes(one));

test("secrets reach the agents and nothing else: no answer, no event, no log, no database", async () => {
  vi.stubEnv("LENT_TOKEN", secret("lent"));
  const { baton, client, url, dataDir, addCommand, addService } = await startJourney({
    apiKeys: [secret("apikey")],
    agentEnv: ["LENT_TOKEN"],
    logLevel: "debug",
    pollMs: 50,
  });
  const headers = { "X-Literal": secret("header"), "X-Lent": "Bearer ${LENT_TOKEN}", "X-Own": "${OWN_TOKEN}" };
  const environment = { OWN_TOKEN: secret("environment") };
  const service = await addService("service", { environment });
  const mapping = { request: { headers } };
  await client.updateAgent({ params: { id: service.id }, body: { connector: { kind: "http", endpoint: service.url, mapping } } });
  await client.createAgent({
    body: { name: "gone", connector: { kind: "http", endpoint: "http://127.0.0.1:9", mapping }, environment, capabilities: ["gone"] },
  });
  await addCommand("command", { environment });

  const said: string[] = [];
  const keep = async (what: Promise<unknown>): Promise<void> =>
    void said.push(await what.then(JSON.stringify, (error: unknown) => JSON.stringify(error) + String(error)));
  // The agents get them: what `reveal` gives back is the only way out, and not taken here but to see that it is one.
  const seen = await client.testConnection({
    body: { endpoint: service.url, mapping: { request: { headers: { "X-Literal": secret("header") } } }, testQuery: "reveal" },
  });
  expect(JSON.stringify(seen.extractedResult)).toContain(secret("header"));

  const tasks: string[] = [];
  for (const requirement of ["service", "command"]) tasks.push((await client.submitTask({ body: { description: "echo", requirements: [requirement] } })).id);
  const retried = await client.submitTask({ body: { description: "echo", steps: [{ id: "s", requirements: ["gone"], retries: 0 }] } });
  for (const id of [...tasks, retried.id]) await client.waitForTask(id);
  await keep(client.checkAgentHealth({ params: { id: "gone" } }));
  await keep(client.testConnection({ body: { endpoint: "http://127.0.0.1:9", mapping: { request: { headers: { "X-Literal": secret("header") } } } } }));
  await keep(client.testConnection({ body: { endpoint: service.url, mapping: { request: { headers: { "X-Broken": `${secret("broken")}\n` } } } } }));
  await keep(
    client.createAgent({
      body: { name: "b", connector: { kind: "http", endpoint: service.url, mapping: { request: { headers: { "X Broken": secret("broken") } } } } },
    }),
  );
  await keep(client.createAgent({ body: { name: "b", connector: { kind: "dialin" }, environment: { "not a name": secret("broken") } } }));
  await keep(client.createAgent({ body: { name: "b", connector: { kind: "dialin" }, environment: { A: `${secret("broken")}\u0000` } } }));
  await keep(createClient({ url, apiKey: secret("wrongkey") }).listAgents());

  for (const route of Object.values(routes) as Route[]) {
    if (route.method !== "GET") continue;
    const ids = !route.path.includes("{id}") ? [""] : route.path.includes("/tasks/") ? [...tasks, retried.id] : ["service", "gone", "command", "crewai"];
    for (const id of ids) {
      const response = await fetch(url + route.path.replace("{id}", id), { headers: { authorization: `Bearer ${secret("apikey")}` } });
      const text = await response.text();
      expect(found(text), `${route.path} ${text.slice(0, 2000)}`).toEqual([]);
    }
  }
  for (const text of said) expect(found(text), text).toEqual([]);
  await baton.stop();
  for (const [file, bytes] of bytesBelow(dataDir)) expect(found(bytes), file).toEqual([]);
});

test("what was masked in an answer and comes back unchanged keeps the secret", async () => {
  const { client, addService } = await startJourney();
  const { url } = await addService("service");
  const made = await client.createAgent({
    body: {
      name: "a",
      connector: { kind: "http", endpoint: url, mapping: { request: { headers: { "X-Key": secret("header") } } } },
      environment: { TOKEN: secret("environment") },
      capabilities: ["keep"],
    },
  });
  expect(made).toMatchObject({ environment: { TOKEN: "********" }, connector: { mapping: { request: { headers: { "X-Key": "********" } } } } });
  await client.updateAgent({ params: { id: "a" }, body: { connector: made.connector, environment: made.environment } });
  const task = await client.waitForTask((await client.submitTask({ body: { description: "reveal", requirements: ["keep"] } })).id);
  expect(JSON.stringify(task.result)).toContain(secret("header"));
});
