// A server that is killed while its agent works in a terminal, and started again: the agent is found where it lives, what it worked on is
// another attempt's, and there is one of it all the time.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@baton/client";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createDatabase, postgresUrl, tmuxPath } from "../services.ts";
import { compileServer, openServer } from "./cluster.ts";

const lineAgent = fileURLToPath(new URL("../fake-agents/line-agent.mjs", import.meta.url));
const databaseUrl = await postgresUrl();
const postgres = databaseUrl === undefined ? undefined : await createDatabase(databaseUrl);
beforeAll(compileServer);

const stores = [{ store: "SQLite", url: undefined }, ...(postgres === undefined ? [] : [{ store: "Postgres", url: postgres }])];

test.skipIf(tmuxPath() === undefined).each(stores)("an agent in a terminal outlives its server, kill -9 included, on $store", async ({ url }) => {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-terminal-crash-"));
  const server = await openServer({ name: "one", dataDir, databaseUrl: url, environment: { BATON_LEASE_MS: "1500", BATON_POLL_MS: "100" } });
  onTestFinished(async () => {
    await server.stop();
    expect(agentProcesses(dataDir)).toEqual([]);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  });
  await server.start();
  const client = createClient({ url: server.url });
  const params = { id: "typist" };
  await client.createAgent({ body: { name: params.id, connector: { kind: "terminal", command: process.execPath, args: [lineAgent], ready: "you>" } } });
  const { id } = await client.submitTask({ body: { description: "once" } });
  await expect.poll(async () => (await client.getTerminal({ params })).lines).toContain("I brood over it.");
  const before = agentProcesses(dataDir);
  await server.kill();
  expect(agentProcesses(dataDir)).toEqual(before);
  await server.start();
  const task = await client.waitForTask(id);
  expect(task).toMatchObject({ status: "completed", result: "the same" });
  expect(task.steps[0]?.attempts[0]?.outcome).toMatchObject({ ok: false, detail: "The server that carried it out is gone." });
  expect(task.steps[0]?.attempts).toHaveLength(2);
  expect(agentProcesses(dataDir)).toEqual(before);
  const sessions = execFileSync("tmux", ["-S", join(dataDir, "tmux.sock"), "list-sessions", "-F", "#{session_name}"], { encoding: "utf8" });
  expect(sessions.trim().split("\n")).toHaveLength(1);
});

/** Programs of agents, by the mark of the place they live in. */
function agentProcesses(dataDir: string): string[] {
  return readdirSync("/proc").filter(
    (pid) => /^\d+$/.test(pid) && facts(pid, "environ").includes(`BATON_AGENT_PLACE=${dataDir}`) && facts(pid, "cmdline").includes(lineAgent),
  );
}
function facts(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return ""; // It ended meanwhile, or is another user's.
  }
}
