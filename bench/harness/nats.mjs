// NATS with JetStream for the bench of messages: a private server that keeps its streams in files, with its default settings.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, freePort, startProcess } from "./owned-process.mjs";
import { until } from "./waiting.mjs";

/** @returns `{version, url, stop()}`, or `{missing: why}` when there is no NATS server to be had. */
export async function startNats() {
  const version = findVersion();
  if (version === undefined) return { missing: "no nats-server on the PATH" };
  const home = mkdtempSync(join(tmpdir(), "baton-bench-nats-"));
  const port = await freePort();
  const running = startProcess("nats-server", ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", home]);
  const server = {
    version,
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      await endProcess(running, "SIGTERM");
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await until(() => isReady(running), { everyMs: 20, timeoutMs: 20_000, what: "the private NATS server" });
  } catch (error) {
    await server.stop();
    throw new Error(`${error.message}: ${running.said()}`, { cause: error });
  }
  return server;
}

function findVersion() {
  try {
    return /v?([\d.]+)/.exec(execFileSync("nats-server", ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown";
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isReady({ child, said }) {
  if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}`);
  return said().includes("Server is ready");
}
