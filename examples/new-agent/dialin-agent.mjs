// How this agent is reached: it connects to Baton and waits for work. It comes back by itself when the connection breaks or Baton restarts, and keeps what
// it is doing meanwhile. BATON_URL says where Baton is, BATON_API_KEY the key where one is asked for.
import { readFileSync } from "node:fs";
import { connectAgent } from "@baton/client";
import { doWork } from "./work.mjs";

/** @type {{ name: string, description: string, agent: { capabilities: string[], maxConcurrentTasks: number } }} */
const { name, description, agent: about } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const { BATON_URL: url = "http://127.0.0.1:8000", BATON_API_KEY: apiKey } = process.env;

const agent = await connectAgent(
  { url, ...(apiKey === undefined ? {} : { apiKey }), name, description, ...about, onNotice: (notice) => console.error(`${name}: ${notice}`) },
  (work, tools) => doWork(work, tools),
);
console.log(`${name} waits for work from ${url} as ${agent.agentId}; Ctrl-C ends it.`);
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => void agent.close());

const refusal = await agent.closed;
if (refusal !== undefined) {
  console.error(`${name}: ${refusal.message}`);
  process.exitCode = 1;
}
