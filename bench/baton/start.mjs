// Baton with its defaults and one agent that can take any number of tasks and does nothing. Only the hands are the bench's:
// the connector of kind `process` would start a command, and here it answers at once.
import { importBuilt } from "./built.mjs";

/** @param hands called at the start of each attempt @param settings beside those of a bench */
export async function startBaton({ url, directory }, hands = () => undefined, settings = {}) {
  const { startBaton: start } = await importBuilt();
  const baton = await start({ port: 0, host: "127.0.0.1", dataDir: directory, databaseUrl: url, logLevel: "error", ...settings }, {});
  const done = Promise.resolve({ ok: true, output: { done: true } });
  baton.world.connectorOf("process").carryOut = () => {
    hands();
    return done;
  };
  if (baton.world.registry.find("noop") === undefined) await registerNoop(baton.url);
  return baton;
}

async function registerNoop(url) {
  const agent = { name: "noop", connector: { kind: "process", command: "true" }, capabilities: ["noop"], maxConcurrentTasks: 100_000 };
  const answer = await fetch(`${url}/api/v1/agents`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(agent) });
  if (answer.status !== 201) throw new Error(`The agent was not registered: ${answer.status} ${await answer.text()}`);
}

/** What is handed in: a task that needs one capability and carries a payload. */
export const noopTask = (number) => ({ description: "Do nothing, and say so.", requirements: ["noop"], payload: { number } });
