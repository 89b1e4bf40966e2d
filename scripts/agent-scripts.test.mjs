// The scripts around agents, run as people run them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startBaton } from "@baton/server";
import { createClient } from "@baton/client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { root } from "./setup.mjs";

const script = (/** @type {string} */ name) => join(root, "scripts", name);
/** @type {string} */
let folder;
/** @type {import("node:child_process").ChildProcess[]} */
const started = [];
beforeAll(() => {
  spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--build", "packages/server", "packages/client"], { cwd: root });
  folder = mkdtempSync(join(tmpdir(), "baton-scripts-"));
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts it; what it printed first, and how it ends. */
async function start(/** @type {string[]} */ [command = "", ...args], /** @type {Record<string, string>} */ environment = {}) {
  const child = spawn(command, args, { cwd: folder, env: { PATH: process.env["PATH"], HOME: folder, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  for await (const line of createInterface({ input: child.stdout })) return { child, ended, said: JSON.parse(line) };
  throw new Error("It ended before it said anything.");
}
const wrapper = (/** @type {string} */ id, /** @type {string} */ type, /** @type {Record<string, string>} */ environment = {}) =>
  start(["bash", script("agent-wrapper.sh"), id, type], environment);

describe("agent-wrapper.sh", () => {
  test.each(["claude-code", "worker", "monitor"])("starts an agent of type %s, whose health answers, and ends it on SIGTERM", async (type) => {
    const { child, ended, said } = await wrapper(`${type}-001`, type, { PATH: "/usr/local/bin:/usr/bin:/bin" });
    const health = await fetch(`http://127.0.0.1:${said.healthPort}/health`).then((answer) => answer.json());
    expect(health).toMatchObject({ id: `${type}-001`, type, status: "running", pid: said.pid });
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
    expect(JSON.parse(readFileSync(join(folder, ".agent-states", `agent-${type}-001.json`), "utf8"))).toMatchObject({ status: "stopped" });
    expect(readFileSync(join(folder, "logs", `agent-${type}-001.log`), "utf8")).toContain("stopping: SIGTERM");
  });
  test("answers a task from a file, and ends when it is told to by one", async () => {
    const { ended } = await wrapper("worker-002", "worker");
    const task = join(folder, ".agent-states", "tasks-worker-002.json");
    writeFileSync(task, JSON.stringify({ command: ["wc", "-c"] }));
    await expect.poll(() => existsSync(`${task}.result`)).toBe(true);
    expect(JSON.parse(readFileSync(`${task}.result`, "utf8"))).toEqual({ ok: true, output: expect.stringMatching(/^\d+$/) });
    writeFileSync(join(folder, ".agent-states", "shutdown-worker-002"), "");
    expect(await ended).toBe(0);
  });
  test("holds its program to its limits", async () => {
    const memory = [process.execPath, "-e", "const a=[];setInterval(()=>a.push(Buffer.alloc(2**24,1)),20)"];
    await wrapper("worker-003", "worker", { AGENT_MEMORY: "100MB" });
    const task = join(folder, ".agent-states", "tasks-worker-003.json");
    writeFileSync(task, JSON.stringify({ command: memory }));
    await expect.poll(() => existsSync(`${task}.result`)).toBe(true);
    expect(readFileSync(`${task}.result`, "utf8")).toContain("its limit is 95 MiB");
  });
  test.each([
    ["../x", "worker"],
    ["a", "dog"],
  ])("is not started as %s %s", (id, type) => {
    expect(spawnSync("bash", [script("agent-wrapper.sh"), id, type], { encoding: "utf8" })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Usage"),
    });
  });
});

test("agent-wrapper.sh dials in to a server, and monitor-agents.js shows and stops what is there", async () => {
  const baton = await startBaton({ port: 0, dataDir: join(folder, "data"), logLevel: "silent" }, {});
  try {
    const client = createClient({ url: baton.url });
    await wrapper("sizer-001", "worker", { BATON_URL: baton.url, AGENT_COMMAND: "wc -c", AGENT_CAPABILITIES: "measuring" });
    await expect.poll(async () => (await client.listAgents({ query: {} })).items.map(({ name }) => name)).toEqual(["sizer-001"]);
    const task = await client.submitTask({ body: { description: "How long?", requirements: ["measuring"] } });
    expect(await client.waitForTask(task.id)).toMatchObject({ status: "completed", result: expect.stringMatching(/^\d+$/) });

    const { said, child, ended } = await start([process.execPath, script("monitor-agents.js")], {
      BATON_URL: baton.url,
      MONITOR_PORT: "0",
      MONITOR_WS_PORT: "0",
    });
    expect(await fetch(said.page).then((answer) => answer.text())).toContain("<h1>Agents</h1>");
    expect(await fetch(`${said.page}/api/agents`).then((answer) => answer.json())).toMatchObject([{ name: "sizer-001", health: "healthy" }]);
    const socket = new WebSocket(said.socket);
    const messages = /** @type {{ type: string, agents?: { state: string }[], alert?: { message: string } }[]} */ ([]);
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.once("open", resolve));
    const { items } = await client.listAgents({ query: {} });
    const act = (/** @type {Record<string, string>} */ headers) => fetch(`${said.page}/api/agents/${items[0]?.id}/pause`, { method: "POST", headers });
    expect((await act({})).status).toBe(404);
    expect((await act({ "x-monitor": "1" })).status).toBe(200);
    await expect.poll(() => messages.some(({ agents }) => agents?.[0]?.state === "paused")).toBe(true);
    await client.actOnAgent({ params: { id: "sizer-001" }, body: { action: "resume" } });
    started[0]?.kill("SIGTERM");
    await expect.poll(() => messages.map(({ alert }) => alert?.message ?? "").join()).toContain("sizer-001 is dead");
    expect(await fetch(`${said.page}/api/alerts`).then((answer) => answer.json())).toMatchObject([{ type: "error", read: false }]);
    socket.terminate();
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  } finally {
    await baton.stop();
  }
});

describe("setup-tmux.sh", () => {
  const setUp = (/** @type {string[]} */ ...args) =>
    spawnSync("bash", [script("setup-tmux.sh"), "--no-server", ...args], { encoding: "utf8", env: { PATH: process.env["PATH"], HOME: folder } });
  const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
  test.skipIf(!hasTmux)("writes a configuration and helpers into its own folder, and nothing twice unless it is forced", () => {
    const dir = join(folder, "it's a tmux");
    expect(setUp("--dir", dir).stdout).toMatch(/written .*tmux\.conf/);
    writeFileSync(join(dir, "tmux.conf"), "# mine\n");
    expect(setUp("--dir", dir).stdout).toMatch(/kept .*tmux\.conf/);
    expect(readFileSync(join(dir, "tmux.conf"), "utf8")).toBe("# mine\n");
    setUp("--dir", dir, "--force");
    expect(readFileSync(join(dir, "tmux.conf"), "utf8")).toContain("set -g prefix C-a");
    expect(existsSync(join(folder, ".tmux.conf"))).toBe(false);
    expect(statSync(join(dir, "tmux.conf")).mode & 0o077).toBe(0);
    for (const file of ["tmux-helpers.sh", "tmux-sessions/launch-agent.sh", "tmux-sessions/monitor-sessions.sh", "tmux-sessions/cleanup-sessions.sh"])
      expect(spawnSync("bash", ["-n", join(dir, file)]).status).toBe(0);
    expect(
      spawnSync("bash", [
        "-c",
        '. "$1"; type agent_start agent_stop agent_list agent_attach agent_status agent_cleanup agent_monitor',
        "x",
        join(dir, "tmux-helpers.sh"),
      ]).status,
    ).toBe(0);
  });
  test.skipIf(!hasTmux)("writes the configuration alone when it is to be minimal", () => {
    const dir = join(folder, "minimal");
    setUp("--dir", dir, "--minimal");
    expect([existsSync(join(dir, "tmux.conf")), existsSync(join(dir, "tmux-helpers.sh"))]).toEqual([true, false]);
  });
});
