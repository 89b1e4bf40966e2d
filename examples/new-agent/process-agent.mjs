// How this agent is reached: Baton starts it anew for each piece of work, with the work as one line of JSON on stdin. The last line it prints is its answer;
// lines before may tell progress. When nobody wants the answer any more it is sent SIGTERM.
import { doWork } from "./work.mjs";

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const say = (/** @type {unknown} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);

let line = "";
for await (const chunk of process.stdin) if ((line += chunk).includes("\n")) break;
try {
  const work = JSON.parse(line);
  say({ output: await doWork(work, { signal: stop.signal, progress: (progress) => say({ progress }) }) });
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
// Whoever started it may keep stdin open.
process.stdin.destroy();
