// Agents in their thousands on one server: see benches/crowd.mjs for what is measured.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { NotHere } from "../harness/child.mjs";
import { freePort, rememberTail } from "../harness/owned-process.mjs";
import { median } from "../harness/statistics.mjs";
import { until } from "../harness/waiting.mjs";

const KIB = 1024;
const WARM_UP = 200;
const BROADCASTS = 3;

export async function crowd({ place, agents, seconds }) {
  const opened = [];
  const open = () => {
    const process = startProcess();
    opened.push(process);
    return process;
  };
  try {
    const socket = await bareSocket(open, agents);
    const port = await freePort();
    const server = open();
    const url = await server.ask("start", { place, port });
    const warm = open();
    await warm.ask("dialIn", { url, name: "early", count: WARM_UP });
    const before = await server.ask("memory");
    const those = open();
    const began = performance.now();
    await those.ask("dialIn", { url, name: "agent", count: agents });
    const dialInSeconds = (performance.now() - began) / 1000;
    const perAgent = ((await server.ask("memory")) - before) / agents / KIB;
    const heartbeats = await server.ask("cpu", { seconds });
    const first = await those.ask("broadcast", { url, count: agents });
    const later = [];
    for (let time = 0; time < BROADCASTS; time++) {
      await pause(1000);
      later.push(await those.ask("broadcast", { url, count: agents }));
    }
    const all = agents + WARM_UP;
    const killed = performance.now();
    await server.kill();
    const next = open();
    await next.ask("start", { place, port });
    await until(async () => (await next.ask("connected")) === all, { everyMs: 100, what: `all ${all} agents to be back` });
    const back = (performance.now() - killed) / 1000;
    await those.ask("broadcast", { url, count: agents });
    const wrong = (await those.ask("taken")).filter((count) => count !== agents);
    if (wrong.length > 0) throw new Error(`of ${agents} agents, messages were taken by ${wrong.join(", ")}`);
    await next.ask("stop");
    return { perAgent, socket, beyond: perAgent - socket, dialIns: agents / dialInSeconds, heartbeats, first, broadcast: median(later), back };
  } finally {
    for (const one of opened) await one.kill();
  }
}

/** KiB a socket costs a server that does nothing with it. */
async function bareSocket(open, count) {
  const [server, warm, those] = [open(), open(), open()];
  const url = await server.ask("startBare");
  await warm.ask("dialBare", { url, count: WARM_UP });
  const before = await server.ask("memory");
  await those.ask("dialBare", { url, count });
  const after = await server.ask("memory");
  for (const one of [those, warm, server]) await one.kill();
  return (after - before) / count / KIB;
}

/** `ask` one thing at a time; `kill` is SIGKILL, and returns once it is gone. */
function startProcess() {
  const child = fork(fileURLToPath(new URL("crowd-server.mjs", import.meta.url)), [], { execArgv: ["--expose-gc"], stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const said = rememberTail(child.stdout, child.stderr);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    ask: (verb, params = {}) =>
      new Promise((resolve, reject) => {
        const onExit = (code, signal) => reject(new Error(`ended with ${signal ?? `code ${code}`} before it answered ${verb}: ${said()}`));
        child.once("exit", onExit);
        child.once("message", ({ ok, result, code, stack }) => {
          child.off("exit", onExit);
          if (ok) resolve(result);
          else reject(code === "NOT_HERE" ? new NotHere(stack) : new Error(stack));
        });
        child.send({ verb, params });
      }),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
