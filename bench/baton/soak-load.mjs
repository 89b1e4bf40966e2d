// The load of the soak, from a process of its own: its connections are not the server's to keep.
import { setTimeout as pause } from "node:timers/promises";
import { importBuilt } from "./built.mjs";

export async function load({ url, agents, seconds, inFlight }) {
  const { createClient } = await importBuilt("index.js", "client");
  const client = createClient({ url });
  const until = Date.now() + seconds * 1000;
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => keepBusy(client, agents, lane, () => Date.now() < until)));
}

/** One task after another, each for an agent by name; some are cancelled while they run. */
async function keepBusy(client, agents, lane, goesOn) {
  for (let round = 0; goesOn(); round++) {
    const number = lane * 7919 + round * 31;
    const agent = agents[number % agents.length];
    const words = number % 3 === 0 ? agent.faults[number % agent.faults.length] : agent.well[number % agent.well.length];
    const { id } = await client.submitTask({
      body: { description: words, steps: [{ id: "only", agent: agent.name, timeoutMs: 1500, retries: number % 5 === 0 ? 1 : 0 }] },
    });
    if (number % 11 === 0) {
      await pause(100);
      await client.cancelTask({ params: { id } }).catch(() => undefined);
    }
    await client.waitForTask(id).catch(() => undefined);
  }
}
