// The sample agents: how each is registered with Baton, and how they are started and stopped together.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Refusal, createClient } from "@baton/client";
import { about } from "./agents/report-writer.mjs";

/** @typedef {import("@baton/contract").AgentInput} AgentInput */
/** @typedef {{ "history-analyst": number, "code-scanner": number, "dependency-reviewer": number }} Ports */
/** @typedef {{ name: string, child: import("node:child_process").ChildProcess, told: Record<string, any>, ended: Promise<void> }} Running */

/** @type {Ports} */
export const PORTS = { "history-analyst": 8003, "code-scanner": 8004, "dependency-reviewer": 8005 };
/** Where a port is looked for when an agent's own is taken. */
const OR_FROM = 8006;
const START_MS = 15_000;
const STOP_MS = 7000;

/** @param {string} name */
const script = (name) => fileURLToPath(new URL(`agents/${name}.mjs`, import.meta.url));
/** @param {string} main @param {...string} also */
const skills = (main, ...also) => [
  { name: main, proficiency: 0.95, technologies: ["git"] },
  ...also.map((name) => ({ name, proficiency: 0.6, technologies: ["git"] })),
];
const always = { category: "repository", maxConcurrentTasks: 4, resourceLimits: { timeoutMs: 120_000 }, metadata: { sample: true } };
const json = { "Content-Type": "application/json" };
/** Where a mapping finds what the agents need. */
const repository = "$.context.task.repository";
const skip = "$.step_input.skip";

/**
 * The five registrations, each of another kind.
 * @param {{ ports?: Ports }} [given]
 * @returns {AgentInput[]}
 */
export function sampleAgents({ ports = PORTS } = {}) {
  const at = (/** @type {keyof Ports} */ name) => `http://127.0.0.1:${ports[name]}`;
  const ask = [{ role: "user", content: "$.description" }];
  return [
    {
      ...always,
      name: "repository-inspector",
      description: "What a git repository is made of: languages, sizes, largest files; binary, generated and vendored told apart.",
      type: "custom",
      connector: { kind: "process", command: process.execPath, args: [script("repository-inspector")] },
      capabilities: skills("repository_inspection", "code_analysis"),
      // Where git is found; nothing else of this environment is handed on.
      environment: { PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin" },
    },
    {
      ...always,
      name: "history-analyst",
      description: "Where change concentrates in a git repository, who knows which part, and what changes together.",
      type: "crewai",
      connector: {
        kind: "http",
        endpoint: at("history-analyst"),
        template: "crewai",
        mapping: { request: { bodyMapping: { inputs: { topic: "$.description", repository, skip } } } },
      },
      capabilities: skills("history_analysis", "code_analysis"),
    },
    {
      ...always,
      name: "code-scanner",
      description: "What a git repository has left to do (TODO, FIXME, HACK with their age) and the secrets in it, masked.",
      type: "databricks",
      connector: {
        kind: "http",
        endpoint: at("code-scanner"),
        template: "databricks_foundation",
        config: { model_name: "code-scanner" },
        auth: { type: "none" },
        mapping: { request: { headers: json, bodyMapping: { messages: ask, custom_inputs: { repository, skip } } } },
      },
      capabilities: skills("code_scanning", "security_scanning", "code_analysis"),
    },
    {
      ...always,
      name: "dependency-reviewer",
      description: "What a git repository depends on and how tightly, its tests, continuous integration, licence and README.",
      type: "api",
      connector: {
        kind: "http",
        endpoint: at("dependency-reviewer"),
        template: "openai_compatible",
        auth: { type: "none" },
        mapping: { request: { headers: json, bodyMapping: { model: "dependency-reviewer", messages: ask, metadata: { repository, skip } } } },
      },
      capabilities: skills("dependency_review", "code_analysis"),
    },
    {
      ...always,
      ...about,
      type: "custom",
      connector: { kind: "dialin" },
    },
  ];
}

/**
 * The one agent that every Baton started by `baton up` has: a process for each piece of work, so that nothing of it runs before there is some. Who has scaled
 * or changed it finds it so after a restart; an agent of that name which is no command is somebody else's, and left alone.
 * @param {{ url: string, apiKey?: string | undefined }} given
 */
export async function registerBackgroundProcessor({ url, apiKey }) {
  const client = createClient({ url, apiKey });
  /** @type {Extract<AgentInput["connector"], { kind: "process" }>} */
  const connector = { kind: "process", command: process.execPath, args: [script("background-processor")] };
  const about = { category: "built-in", description: "The small work between the steps of a plan that needs no model: merge, select, count, digest, wait." };
  const input = {
    ...about,
    name: "background-processor",
    connector,
    capabilities: ["background_processing"],
    maxConcurrentTasks: 4,
    metadata: { onRequest: true },
  };
  try {
    return await client.createAgent({ body: input });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
    const found = await client.getAgent({ params: { id: input.name } });
    if (found.connector.kind !== "process" || (found.connector.command === connector.command && found.connector.args[0] === connector.args?.[0])) return found;
    // Another Node, or another checkout.
    return client.updateAgent({ params: { id: found.id }, body: { connector } });
  }
}

/**
 * Starts the agents that live outside Baton, each in a process group and with an environment of its own, and registers all
 * five. They end with `stop()`, or by themselves when this process is gone, however it went.
 * @param {{ url: string, apiKey?: string | undefined, ports?: Ports, home?: string, log?: (line: string) => void }} given `url` of a Baton that
 *   answers; `home`: the agents' HOME, kept. Without it they get a temporary one, which stays behind when this process is killed.
 */
export async function startSamples({ url, apiKey, ports = PORTS, home: given, log = () => undefined }) {
  const client = createClient({ url, apiKey });
  const home = given ?? (await mkdtemp(join(tmpdir(), "baton-samples-")));
  await mkdir(home, { recursive: true, mode: 0o700 });
  /** @type {Running[]} */
  const running = [];
  const stop = async () => {
    await stopAll(running);
    if (given === undefined) await rm(home, { recursive: true, force: true, maxRetries: 3 });
  };
  const start = async (/** @type {string} */ name, /** @type {string[]} */ args, /** @type {Record<string, string>} */ environment = {}) => {
    const agent = startChild(name, args, { home, environment, log });
    running.push(agent);
    agent.told = await agent.firstLine;
    return agent;
  };
  try {
    const names = /** @type {(keyof Ports)[]} */ (Object.keys(PORTS));
    const servers = await Promise.all(names.map((name) => start(name, ["--serve", "--port", String(ports[name]), "--or-from", String(OR_FROM)])));
    const found = /** @type {Ports} */ (Object.fromEntries(servers.map((server) => [server.name, server.told.listening.port])));
    for (const name of names) {
      await waitUntilHealthy(name, found[name]);
      if (ports[name] !== 0 && found[name] !== ports[name]) log(`${name}: port ${ports[name]} is taken, so it listens on ${found[name]}.`);
    }
    const agents = [];
    for (const input of sampleAgents({ ports: found })) agents.push(await register(client, input));
    await start("report-writer", ["--connect", url], apiKey === undefined ? {} : { BATON_API_KEY: apiKey });
    return { agents, ports: found, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whom this process trusts beyond Node's own list, they do: a control plane may have a certificate of its own making. */
const { NODE_EXTRA_CA_CERTS } = process.env;
const trust = NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS };

/**
 * @param {string} name
 * @param {string[]} args
 * @param {{ home: string, environment: Record<string, string>, log: (line: string) => void }} given
 * @returns {Running & { firstLine: Promise<Record<string, any>> }} `firstLine`: what the agent says of itself once it is ready
 */
function startChild(name, args, { home, environment, log }) {
  const child = spawn(process.execPath, [script(name), ...args, "--until-stdin-ends"], {
    cwd: home,
    env: { PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin", HOME: home, ...trust, ...environment },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // Nothing is ever written there: it is the rope that tells the child when this process is gone.
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout });
  createInterface({ input: child.stderr }).on("line", (line) => log(line.startsWith(name) ? line : `${name}: ${line}`));
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once("error", () => resolve()).once("exit", () => resolve()));
  const firstLine = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start within ${START_MS / 1000} s.`)), START_MS);
    lines.once("line", (line) => resolve(JSON.parse(line)));
    child.once("error", reject);
    void ended.then(() => reject(new Error(`${name} ended before it was ready.`))).finally(() => clearTimeout(timer));
    lines.once("line", () => clearTimeout(timer));
  });
  return { name, child, told: {}, ended, firstLine };
}

/** @param {string} name @param {number} port */
async function waitUntilHealthy(name, port) {
  const until = Date.now() + START_MS;
  for (;;) {
    /** @type {{ status?: unknown, name?: unknown, error?: unknown }} */
    const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2000) })
      .then((response) => /** @type {Promise<{ status: unknown, name: unknown }>} */ (response.json()))
      .catch((/** @type {unknown} */ error) => ({ error }));
    if (answer.status === "ok" && answer.name === name) return;
    if (Date.now() > until) throw new Error(`${name} does not answer on port ${port}.`, { cause: answer.error });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Under its name: an agent of an earlier run is brought up to date.
 * @param {import("@baton/client").Client} client
 * @param {AgentInput} input
 */
async function register(client, input) {
  try {
    return await client.createAgent({ body: input });
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
    const { name, type: _type, ...patch } = input;
    return client.updateAgent({ params: { id: name }, body: { ...patch, enabled: true } });
  }
}

/** @param {Running[]} running */
async function stopAll(running) {
  await Promise.all(
    running.map(async ({ child, ended }) => {
      signalGroup(child, "SIGTERM");
      child.stdin?.end();
      const timer = setTimeout(signalGroup, STOP_MS, child, "SIGKILL");
      await ended;
      clearTimeout(timer);
    }),
  );
}

/** @param {import("node:child_process").ChildProcess} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Gone in the meantime.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
