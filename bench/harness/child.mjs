// Runs one measurement in a process of its own, so that no contender warms up, blocks or litters another's heap.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { rememberTail } from "./owned-process.mjs";

const entry = fileURLToPath(new URL("./child-main.mjs", import.meta.url));

/** Thrown for what cannot be measured here and is no fault: the table then says why instead of a figure. */
export class NotHere extends Error {
  code = "NOT_HERE";
}

/** Calls `verb(params)` that `file` (relative to bench/) exports, in a new process; returns what it returned, once the process has ended. */
export async function runApart(what) {
  const { answer, end, ended } = startApart(what);
  try {
    return await answer;
  } finally {
    end();
    await ended;
  }
}

/** The same, but what the verb started goes on until `end()`. It also ends when this process does. */
export function startApart({ file, verb, params, nodeOptions = [], timeoutMs = 600_000, signal }) {
  const child = fork(entry, [], { execArgv: nodeOptions, stdio: ["ignore", "pipe", "pipe", "ipc"], timeout: timeoutMs, killSignal: "SIGKILL", signal });
  const said = rememberTail(child.stdout, child.stderr);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const answer = new Promise((resolve, reject) => {
    child.once("message", (message) => {
      if (message.ok) resolve(message.result);
      else reject(message.code === "NOT_HERE" ? new NotHere(message.message) : new Error(`${message.stack}\n${said()}`));
    });
    child.once("error", reject);
    child.once("exit", (code, killedBy) => reject(new Error(`ended with ${killedBy ?? `code ${code}`} before it answered: ${said()}`)));
    child.send({ file, verb, params });
  });
  return { answer, ended, end: () => child.connected && child.disconnect() };
}
