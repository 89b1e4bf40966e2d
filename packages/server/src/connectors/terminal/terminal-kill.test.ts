// When the server is killed, what lived in its terminals ends too.
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "vite";
import { expect, test } from "vitest";
import { tmuxPath } from "../../../../../tests/services.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";

test.skipIf(tmuxPath() === undefined)("an agent in a terminal ends with its server, kill -9 included", { timeout: 30_000 }, async () => {
  const [outDir, dataDir] = await Promise.all(["baton-host-", "baton-term-"].map((name) => mkdtemp(join(tmpdir(), name))));
  const conditions = ["@baton/source"];
  await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions },
    ssr: { noExternal: true, resolve: { conditions } },
    build: { ssr: new URL("./terminal-host.testkit.ts", import.meta.url).pathname, outDir: outDir as string },
  });
  const args = [fakeAgentPath("terminal-host.mjs"), join(outDir as string, "terminal-host.testkit.js"), dataDir as string, fakeAgentPath("line-agent.mjs")];
  const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [agent, child] = await firstPids(host.stdout);
  const lives = (pid: number | undefined): boolean => existsSync(`/proc/${pid}/stat`);
  expect([lives(agent), lives(child)]).toEqual([true, true]);
  host.kill("SIGKILL");
  await expect.poll(() => lives(agent), { timeout: 15_000 }).toBe(false);
  const sessions = () => {
    try {
      return execFileSync("tmux", ["-S", join(dataDir as string, "tmux.sock"), "list-sessions"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    } catch {
      return ""; // No tmux runs there any more.
    }
  };
  await expect.poll(sessions, { timeout: 10_000 }).toBe("");
  // What left the session is only found by a living server.
  if (lives(child)) process.kill(child as number, "SIGKILL");
  await Promise.all([outDir, dataDir].map((path) => rm(path as string, { recursive: true, force: true })));
});

async function firstPids(stdout: NodeJS.ReadableStream): Promise<number[]> {
  for await (const line of createInterface({ input: stdout })) return JSON.parse((JSON.parse(line) as { message: string }).message) as number[];
  throw new Error("The host ended before its agent said anything.");
}
