// Server processes that are killed and started again, as an operator's machines would do it.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createWriteStream, readFileSync, type WriteStream } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_MS = 30_000;

/** The servers run what is compiled; it must be what is tested. */
export function compileServer(): void {
  const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--build", "packages/server"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`packages/server does not compile:\n${stdout}`);
}

export interface ServerSettings {
  name: string;
  dataDir: string;
  /** Undefined: SQLite in the data directory. */
  databaseUrl?: string | undefined;
  environment?: Record<string, string>;
}
export interface ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  /** Answers, as far as is known here. */
  readonly isUp: boolean;
  readonly pid: number | undefined;
  start(): Promise<void>;
  /** kill -9. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Stands still, as a machine that swaps or a paused container does; its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** How it ended each time nobody had asked it to, with its last words. */
  readonly ownEnds: readonly string[];
  /** The longest it took to start, in milliseconds: how busy this machine is. */
  readonly longestStartMs: number;
  /** Asks it to end. @returns its exit code. */
  stop(): Promise<number | null>;
}

export async function openServer(settings: ServerSettings): Promise<ServerProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = createWriteStream(join(settings.dataDir, `${settings.name}.log`), { flags: "a" });
  let child: ChildProcess | undefined;
  let isUp = false;
  let longestStartMs = 0;
  const ownEnds: string[] = [];
  const asked = new WeakSet<ChildProcess>();
  const ask = (signal: NodeJS.Signals): void => {
    isUp = false;
    if (child) asked.add(child);
    child?.kill(signal);
  };
  const ended = (process: ChildProcess): Promise<number | null> =>
    process.exitCode !== null || process.signalCode !== null ? Promise.resolve(process.exitCode) : new Promise((resolve) => process.once("exit", resolve));
  return {
    name: settings.name,
    port,
    url,
    get isUp() {
      return isUp;
    },
    get pid() {
      return child?.pid;
    },
    start: async () => {
      const startedAt = Date.now();
      const begun = launch(settings, port, log);
      child = begun;
      let words = "";
      begun.stderr?.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-3000)));
      begun.once("exit", () => (isUp = false));
      begun.once("close", (code, signal) => {
        if (!asked.has(begun)) ownEnds.push(`${settings.name} ended by itself with ${code ?? signal}: ${words}`);
      });
      await untilReady(url, begun, settings);
      longestStartMs = Math.max(longestStartMs, Date.now() - startedAt);
      isUp = true;
    },
    kill: async () => {
      ask("SIGKILL");
      if (child) await ended(child);
    },
    freeze: () => {
      isUp = false;
      child?.kill("SIGSTOP");
    },
    thaw: () => {
      child?.kill("SIGCONT");
      isUp = true;
    },
    ownEnds,
    get longestStartMs() {
      return longestStartMs;
    },
    stop: async () => {
      if (!child) return null;
      ask("SIGTERM");
      return ended(child);
    },
  };
}

function launch({ name, dataDir, databaseUrl, environment }: ServerSettings, port: number, log: WriteStream): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env["PATH"],
      BATON_PORT: String(port),
      BATON_DATA_DIR: dataDir,
      BATON_SERVER_NAME: name,
      BATON_SECRET_KEY: "the servers of one run share it",
      LOG_LEVEL: "info",
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl, BATON_DATABASE_CONNECTIONS: "6" }),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return child;
}

async function untilReady(url: string, child: ChildProcess, { name, dataDir }: ServerSettings): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} instead of starting: ${lastWords(join(dataDir, `${name}.log`))}`);
    if (await answers(`${url}/health/ready`)) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`${name} was not ready after ${START_MS} ms; see ${join(dataDir, `${name}.log`)}`);
}
const lastWords = (file: string): string => readFileSync(file, "utf8").slice(-1500);
async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    // Not listening yet, or not answering: asked again.
    return false;
  }
}
/** Outside the range the system gives out by itself: while the server is down, nobody else is given its port. */
const PORTS = { from: 20_000, to: 32_000 };
async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (await isFree(port)) return port;
  }
}
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
