// Runs one measurement in a process of its own, so that no contender warms up, blocks or litters another's heap.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { rememberTail } from "./owned-process.mjs";

const entry = fileURLToPath(new URL("./child-main.mjs", import.meta.url));

/** Thrown for what cannot be measured here and is no fault: the table then says why instead of a figure. */
export class NotHere extends Error {
  code = "NOT_HERE";
}

/** Calls `verb(params)` that `file` (relative to bench/) exports, in a new process, and returns what it returned. */
export function runApart({ file, verb, params, nodeOptions = [], timeoutMs = 600_000, signal }) {
  const child = fork(entry, [], { execArgv: nodeOptions, stdio: ["ignore", "pipe", "pipe", "ipc"], timeout: timeoutMs, killSignal: "SIGKILL", signal });
  const said = rememberTail(child.stdout, child.stderr);
  return new Promise((resolve, reject) => {
    let answer;
    child.once("message", (message) => (answer = message));
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      if (answer?.ok) resolve(answer.result);
      else if (answer?.code === "NOT_HERE") reject(new NotHere(answer.message));
      else reject(new Error(answer ? `${answer.stack}\n${said()}` : `ended with ${killedBy ?? `code ${code}`} before it answered: ${said()}`));
    });
    child.send({ file, verb, params });
  });
}
