// The fleet of the soak: small real programs and servers of the tests, registered through the API, that do what a task's first word says.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startApart } from "../harness/child.mjs";

const fakeAgent = (file) => fileURLToPath(new URL(`../../tests/fake-agents/${file}`, import.meta.url));
const FAULTS = ["fail", "hang", "flood", "die", "half"];
const WELL = ["echo one", "echo two words", "progress"];
/** What a kind cannot show, such as half a line of JSON on a screen, is not asked of it. */
const TERMINAL = { faults: ["hang", "flood", "die", "stubborn"], well: ["echo one", "many", "slow"] };

export async function openFleet(client, url, { terminals, others }) {
  const http = await startServer("http-agent.mjs");
  const program = (file) => ({ command: process.execPath, args: [fakeAgent(file)] });
  const kinds = [
    () => ({ kind: "process", ...program("process-agent.mjs") }),
    () => ({ kind: "http", endpoint: `http://127.0.0.1:${http.port}` }),
    () => ({ kind: "claude", ...program("claude-agent.mjs") }),
  ];
  const agents = [];
  const add = async (name, connector, words) => {
    // A circuit that breaks would keep the faults away.
    await client.createAgent({ body: { name, connector, maxConcurrentTasks: 4, brakes: { circuit: { failures: 1000 } } } });
    agents.push({ name, ...words });
  };
  for (let at = 0; at < terminals; at++)
    await add(`terminal-${at}`, { kind: "terminal", ...program("line-agent.mjs"), ready: "you>", idleMs: 20_000, columns: 100, rows: 30 }, TERMINAL);
  const byConnector = Math.floor((others * 3) / 4);
  for (let at = 0; at < byConnector; at++) await add(`agent-${at}`, kinds[at % kinds.length](), { faults: FAULTS, well: WELL });
  const crowd = startApart({ file: "baton/soak-crowd.mjs", verb: "dialIn", params: { url, count: others - byConnector } });
  for (const name of await crowd.answer) agents.push({ name, faults: ["fail", "hang", "flood", "die"], well: WELL });
  return {
    agents,
    /** Ends what lives between attempts. */
    rest: async () => {
      for (let at = 0; at < terminals; at++) await client.actOnAgent({ params: { id: `terminal-${at}` }, body: { action: "stop", graceful: false } });
    },
    /** After a rest: who was stopped takes no work. */
    wake: async () => {
      for (let at = 0; at < terminals; at++) await client.actOnAgent({ params: { id: `terminal-${at}` }, body: { action: "start" } });
    },
    close: async () => {
      crowd.end();
      await crowd.ended;
      await http.close();
    },
  };
}

async function startServer(file) {
  const child = spawn(process.execPath, [fakeAgent(file)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      port: JSON.parse(line).port,
      close: () => {
        child.stdin.end();
        return ended;
      },
    };
  }
  throw new Error(`${file} ended before it said where it listens`);
}
