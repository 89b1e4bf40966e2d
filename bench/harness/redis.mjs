// Redis for BullMQ: a private server that keeps what it is told (appendonly yes, appendfsync everysec), else REDIS_URL.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, freePort, startProcess } from "./owned-process.mjs";
import { until } from "./waiting.mjs";

/** @returns `{version, url, stop()}`, or `{missing: why}` when there is no Redis to be had. */
export async function startRedis() {
  const version = findVersion();
  if (version !== undefined) return startPrivateServer(version);
  if (process.env.REDIS_URL === undefined) return { missing: "no redis-server on the PATH and no REDIS_URL" };
  return { version: "unknown", kind: "borrowed, durability as it is set there", url: process.env.REDIS_URL, stop: async () => undefined };
}

function findVersion() {
  try {
    return /v=([\d.]+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown";
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function startPrivateServer(version) {
  const home = mkdtempSync(join(tmpdir(), "baton-bench-redis-"));
  const port = await freePort();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", home, "--appendonly", "yes", "--appendfsync", "everysec"];
  const running = startProcess("redis-server", settings);
  const server = {
    version,
    kind: "private",
    url: `redis://127.0.0.1:${port}/0`,
    async stop() {
      await endProcess(running, "SIGTERM");
      rmSync(home, { recursive: true, force: true });
    },
  };
  try {
    await until(() => isReady(running), { everyMs: 20, timeoutMs: 20_000, what: "the private Redis" });
  } catch (error) {
    await server.stop();
    throw new Error(`${error.message}: ${running.said()}`, { cause: error });
  }
  return server;
}

function isReady({ child, said }) {
  if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}`);
  return said().includes("Ready to accept connections");
}
