// A server process this bench started and must end. Runs detached, so that Ctrl-C reaches it only through us, in order.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** @returns the process with what it said last, for the message when it fails. */
export function startProcess(command, args, options = {}) {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], ...options });
  const said = rememberTail(child.stdout, child.stderr);
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
  });
  return { child, said, ended };
}

/** Asks with `signal`, insists with SIGKILL after 10 s, and returns when it has ended. */
export async function endProcess({ child, ended }, signal) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const insist = setTimeout(() => child.kill("SIGKILL"), 10_000);
  child.kill(signal);
  await ended;
  clearTimeout(insist);
}

/** The last 4,000 characters of some streams, together. */
export function rememberTail(...streams) {
  let tail = "";
  for (const stream of streams) stream.on("data", (chunk) => (tail = (tail + chunk).slice(-4000)));
  return () => tail.trim();
}

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
