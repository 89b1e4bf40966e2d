// Agents that connect through the client and wait; they stay until their process is ended.
import { importBuilt } from "./built.mjs";
import { inFlight } from "../harness/waiting.mjs";

export async function dialIn({ url, name, count }) {
  const { connectAgent } = await importBuilt("index.js", "client");
  const idle = () => ({ done: true });
  await inFlight(count, 20, (number) => connectAgent({ url, name: `${name}-${number}`, capabilities: ["idle"] }, idle));
}
