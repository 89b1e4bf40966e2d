// The compiled command as a process of its own, and what it printed.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const command = fileURLToPath(new URL("../bin/baton.mjs", import.meta.url));

export interface Ended {
  exitCode: number | null;
  out: string;
  err: string;
}

/** Compiles what changed, so that a process never runs older code than the test. */
export function compile(): void {
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--build", "packages/cli"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`packages/cli does not compile:\n${stdout}`);
}

/** @param input what is typed, all at once; undefined: nothing can be. */
export function startBaton(args: readonly string[], environment: Record<string, string> = {}, input?: string): { child: ChildProcess; ended: Promise<Ended> } {
  const stdin = input === undefined ? "ignore" : "pipe";
  const child = spawn(process.execPath, [command, ...args], { env: { PATH: process.env["PATH"], ...environment }, stdio: [stdin, "pipe", "pipe"] });
  child.stdin?.end(input);
  const said = { out: "", err: "" };
  child.stdout?.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.on("close", (exitCode) => resolve({ exitCode, ...said }))) };
}

export const baton = (args: readonly string[], environment?: Record<string, string>, input?: string): Promise<Ended> =>
  startBaton(args, environment, input).ended;
