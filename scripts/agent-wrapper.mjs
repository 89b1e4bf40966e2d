// Runs one agent: a program that answers one task at a time, from files and, with BATON_URL, from a server it dials in to. Held to its limits
// and ended whole by the same code as the server's own programs.
//
//   AGENT_COMMAND   the program (words by blanks): the task as JSON on stdin, the answer on stdout. claude-code: `claude -p` if it is installed.
//                   A worker without one carries out tasks of files that name their `command` (a list of words) themselves.
//   AGENT_DIR       where logs/agent-<id>.log and .agent-states/ are; default: here
//   .agent-states/  agent-<id>.json the state · tasks-<id>.json a task, answered in tasks-<id>.json.result · shutdown-<id> ends it
//   AGENT_HEALTH_PORT  GET /health; default: any free port, told in the state
//   AGENT_MEMORY, AGENT_CPU, AGENT_TIMEOUT_MS   limits · AGENT_CAPABILITIES by commas · CLAUDE_MODEL, CLAUDE_CONFIG for claude-code
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { connectAgent } from "@baton/client";
import { findProgram, memoryOf, openPrograms, processesOf, SAFE_PATH, systemClock } from "@baton/server";

const TYPES = ["claude-code", "worker", "monitor"];
const SAMPLE_MS = 30_000;
const EXIT = { SIGTERM: 143, SIGINT: 130, file: 0 };

const [, , id = "", type = ""] = process.argv;
if (!/^[A-Za-z0-9][\w.-]*$/.test(id) || !TYPES.includes(type)) {
  process.stderr.write(`Usage: agent-wrapper.sh <agentId> ${TYPES.join("|")}   (an id of letters, digits, . _ -)\n`);
  process.exit(2);
}
const env = process.env;
const directory = resolve(env["AGENT_DIR"] ?? ".");
const states = join(directory, ".agent-states");
const logFile = join(directory, "logs", `agent-${id}.log`);
const stateFile = join(states, `agent-${id}.json`);
const taskFile = join(states, `tasks-${id}.json`);
const shutdownFile = join(states, `shutdown-${id}`);
for (const folder of [states, join(directory, "logs")]) mkdirSync(folder, { recursive: true });
rmSync(shutdownFile, { force: true });

const programs = openPrograms(systemClock);
const startedAt = Date.now();
/** @type {Set<{ group: number | undefined }>} */
const running = new Set();
const path = env["PATH"] ?? SAFE_PATH;
let status = "starting";
let done = 0;

/** @param {string} line */
const log = (line) => appendFileSync(logFile, `${new Date().toISOString()} ${line}\n`);
function metrics() {
  const groups = new Set([...running].flatMap(({ group }) => (group === undefined ? [] : [group])));
  const processes = processesOf(groups);
  const memoryUsage = process.memoryUsage().rss + processes.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
  const { user, system } = process.cpuUsage();
  return {
    commandsExecuted: done,
    uptime: Date.now() - startedAt,
    memoryUsage,
    cpuUsage: (user + system) / 1000 + processes.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}
/** @param {number | null} [port] */
function state(port = healthPort()) {
  const why = program === undefined && type === "claude-code" ? "claude is not installed here: it can take no tasks" : undefined;
  return {
    id,
    type,
    status,
    pid: process.pid,
    startedAt: new Date(startedAt).toISOString(),
    workingDirectory: process.cwd(),
    logFile,
    healthPort: port,
    ...(why === undefined ? {} : { why }),
    metrics: metrics(),
  };
}
function keepState() {
  writeFileSync(`${stateFile}.part`, `${JSON.stringify(state(), null, 2)}\n`, { mode: 0o600 });
  renameSync(`${stateFile}.part`, stateFile);
}

/** @returns {Promise<string[] | undefined>} */
async function ownProgram() {
  const given = env["AGENT_COMMAND"]?.split(/\s+/).filter((word) => word !== "");
  const words =
    given ??
    (type === "claude-code"
      ? [
          "claude",
          "-p",
          ...(env["CLAUDE_MODEL"] ? ["--model", env["CLAUDE_MODEL"]] : []),
          ...(env["CLAUDE_CONFIG"] ? ["--settings", env["CLAUDE_CONFIG"]] : []),
        ]
      : []);
  const [command, ...args] = words;
  if (command === undefined) return undefined;
  const found = await findProgram({ command, cwd: process.cwd() }, { PATH: path }, SAFE_PATH).catch(() => undefined);
  if (found === undefined && given !== undefined) throw new Error(`AGENT_COMMAND: ${command} is not an executable file.`);
  return found === undefined ? undefined : [found, ...args];
}

/**
 * @param {string[]} words
 * @param {string} input
 * @param {AbortSignal} [signal]
 */
async function carryOut([command = "", ...args], input, signal) {
  let breach = "";
  const run = programs.start(
    {
      command,
      args,
      cwd: process.cwd(),
      path,
      home: env["HOME"] ?? directory,
      // It is the caller's own program: it gets the caller's environment, as in a shell.
      environment: Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      resourceLimits: { memory: env["AGENT_MEMORY"], cpu: env["AGENT_CPU"] },
      attemptId: `${id}-${process.pid}-${done}`,
    },
    (detail) => (breach = detail),
  );
  running.add(run);
  const timer = setTimeout(
    () => {
      breach = `It was not done after ${env["AGENT_TIMEOUT_MS"]} ms.`;
      run.stop();
    },
    Number(env["AGENT_TIMEOUT_MS"] ?? 1_800_000),
  );
  signal?.addEventListener("abort", run.stop, { once: true });
  run.stdin.on("error", () => undefined); // It need not read its task.
  run.stdin.end(input);
  const [out, err, { code }] = await Promise.all([text(run.stdout), text(run.stderr), run.ended]);
  clearTimeout(timer);
  running.delete(run);
  done++;
  log(`${command} ended with code ${code}`);
  if (breach !== "" || code !== 0) throw new Error(breach || err.trim().slice(-2000) || `It ended with code ${code}.`);
  return out.trimEnd();
}

const WRITTEN_MS = 2000;
/** @param {string} given */
function isJson(given) {
  try {
    return JSON.parse(given) !== undefined;
  } catch {
    return false; // That is what is asked.
  }
}
let busy = false;
async function lookForTask() {
  if (busy || !existsSync(taskFile)) return;
  const given = readFileSync(taskFile, "utf8");
  // Whoever writes it may not be done.
  if (!isJson(given) && Date.now() - statSync(taskFile).mtimeMs < WRITTEN_MS) return void setTimeout(look, 100);
  busy = true;
  rmSync(taskFile);
  const answer = await answerFor(given).then(
    (output) => ({ ok: true, output }),
    (error) => ({ ok: false, error: String(error.message ?? error) }),
  );
  writeFileSync(`${taskFile}.result.part`, `${JSON.stringify(answer)}\n`);
  renameSync(`${taskFile}.result.part`, `${taskFile}.result`);
  busy = false;
  keepState();
  void lookForTask();
}
/** @param {string} given */
async function answerFor(given) {
  const task = JSON.parse(given);
  if (type === "monitor" && program === undefined) return state();
  if (program !== undefined) return carryOut(program, type === "claude-code" ? String(task.description ?? given) : `${given}\n`);
  const [command, ...args] = Array.isArray(task.command) ? task.command.map(String) : [];
  if (command === undefined) throw new Error("It has no program: set AGENT_COMMAND, or name a command in the task.");
  return carryOut([await findProgram({ command, cwd: process.cwd() }, { PATH: path }, SAFE_PATH), ...args], `${given}\n`);
}

/** @param {keyof typeof EXIT} why */
async function stop(why) {
  if (status === "stopping") return;
  status = "stopping";
  log(`stopping: ${why}`);
  await connection?.close();
  await programs.close();
  health.close();
  status = "stopped";
  keepState();
  rmSync(shutdownFile, { force: true });
  process.exit(EXIT[why]);
}

const program = await ownProgram();
const health = createServer((request, response) => {
  const ok = request.url === "/health" && program !== undefined ? true : type !== "claude-code";
  response.writeHead(request.url === "/health" ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(request.url === "/health" ? { ...state(), health: ok ? "healthy" : "degraded" } : { error: "GET /health" }));
});
const healthPort = () => {
  const address = health.address();
  return typeof address === "object" && address !== null ? address.port : null;
};
await new Promise((resolved, rejected) => health.once("error", rejected).listen(Number(env["AGENT_HEALTH_PORT"] ?? 0), "127.0.0.1", () => resolved(undefined)));
for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) process.on(signal, () => void stop(signal));
const look = () => void (existsSync(shutdownFile) ? stop("file") : lookForTask());
watch(states, look);
status = "running";
keepState();
setInterval(keepState, SAMPLE_MS);
log(`running, health on ${healthPort()}`);
process.stdout.write(`${JSON.stringify(state())}\n`);
look();

const url = env["BATON_URL"];
const connection =
  url === undefined || program === undefined
    ? undefined
    : await connectAgent(
        { url, apiKey: env["BATON_API_KEY"], name: id, type, capabilities: (env["AGENT_CAPABILITIES"] ?? type).split(","), onNotice: log },
        (work, { signal }) => carryOut(program, type === "claude-code" ? work.description : `${JSON.stringify(work)}\n`, signal),
      );
