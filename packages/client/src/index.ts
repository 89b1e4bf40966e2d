// The client for Node: the browser's, but connecting agents by `ws`.
import { type AgentConnection, type AgentSettings, attachAgent } from "./connect-agent.ts";
import type { DoWork } from "./held-work.ts";
import { openNodeLink } from "./link-node.ts";

export * from "./browser.ts";

/**
 * Makes a function an agent: it connects, takes work, and hands back what the function returns.
 *
 *     const agent = await connectAgent(
 *       { url: "http://127.0.0.1:8000", name: "word-counter", capabilities: ["count-words"], maxConcurrentTasks: 4 },
 *       async (work, { signal, progress }) => {
 *         progress({ fraction: 0.5, message: "counting" });
 *         signal.throwIfAborted();
 *         return { words: work.description.split(/\s+/).length };
 *       },
 *     );
 *     process.once("SIGINT", () => void agent.close());
 *     await agent.closed;
 *
 * The function may return any JSON, which is the output, or `result({ output, artifacts, usage, cost })`. What it throws
 * is a failure of the agent, which is not tried again; work that `close()` interrupts is.
 */
export const connectAgent = (settings: AgentSettings, doWork: DoWork): Promise<AgentConnection> => attachAgent(openNodeLink, settings, doWork);
