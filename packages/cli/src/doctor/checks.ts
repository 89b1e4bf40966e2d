// What Baton needs of this machine, looked at one by one. A check never throws: what it cannot find out is its answer.
import { execFile } from "node:child_process";
import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { ask } from "./ask.ts";

export interface Finding {
  name: string;
  /** `warn`: Baton runs, but something it can do is missing. */
  state: "ok" | "warn" | "failed";
  detail: string;
}

const run = promisify(execFile);
const TIMEOUT_MS = 5000;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message.split("\n")[0] : String(error)) ?? "";

/** @param wanted a floor such as `>=20.19` */
export function checkNode(wanted: string): Finding {
  const [major = 0, minor = 0] = wanted.replace(">=", "").split(".").map(Number);
  const [hasMajor = 0, hasMinor = 0] = process.versions.node.split(".").map(Number);
  const isEnough = hasMajor > major || (hasMajor === major && hasMinor >= minor);
  return { name: "node", state: isEnough ? "ok" : "failed", detail: `${process.versions.node}${isEnough ? "" : `, but ${wanted} is needed`}` };
}

/** A program on the PATH that some agents need. */
export async function checkProgram(name: string, versionFlag: string, without: string): Promise<Finding> {
  try {
    const { stdout } = await run(name, [versionFlag], { timeout: TIMEOUT_MS });
    return { name, state: "ok", detail: stdout.trim().split("\n")[0] ?? "" };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { name, state: "warn", detail: `${isMissing ? "not found on the PATH" : reasonOf(error)}: ${without}` };
  }
}

/** Whether files can be made where the data will live; leaves nothing behind. */
export async function checkDataDir(folder: string): Promise<Finding> {
  const full = resolve(folder);
  try {
    const existing = await nearestExisting(full);
    if (existing !== full) {
      await access(existing, constants.W_OK);
      return { name: "data", state: "ok", detail: `${full} can be made` };
    }
    const trial = await mkdtemp(join(full, ".doctor-"));
    await writeFile(join(trial, "written"), "");
    await rm(trial, { recursive: true });
    return { name: "data", state: "ok", detail: `${full} can be written` };
  } catch (error) {
    return { name: "data", state: "failed", detail: `${full}: ${reasonOf(error)}` };
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return nearestExisting(dirname(folder));
  }
}

export function checkPort(host: string, port: number): Promise<Finding> {
  return new Promise((answer) => {
    const server = createServer();
    server.once("error", (error) => answer({ name: "port", state: "failed", detail: `${host}:${port} cannot be used: ${reasonOf(error)}` }));
    server.listen({ host, port }, () => server.close(() => answer({ name: "port", state: "ok", detail: `${host}:${port} is free` })));
  });
}

/** Asks for encryption, to which every Postgres answers S or N before any credentials. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export const checkPostgres = (url: string): Promise<Finding> =>
  checkService("postgres", url, 5432, SSL_REQUEST, (said) => (/^[SN]/.test(said) ? "answers; its credentials are tried at the start" : undefined));

export const checkRedis = (url: string): Promise<Finding> =>
  checkService("redis", url, 6379, Buffer.from("PING\r\n"), (said) => (/^(\+PONG|-NOAUTH)/.test(said) ? "answers" : undefined));

async function checkService(name: string, url: string, usualPort: number, question: Buffer, judge: (said: string) => string | undefined): Promise<Finding> {
  if (!URL.canParse(url)) return { name, state: "failed", detail: "the address is not a URL" };
  const { hostname, port } = new URL(url);
  const where = `${hostname}:${port || usualPort}`;
  try {
    const good = judge(await ask({ host: hostname, port: Number(port || usualPort) }, question, TIMEOUT_MS));
    return good === undefined ? { name, state: "failed", detail: `${where} answers, but not as ${name}` } : { name, state: "ok", detail: `${where} ${good}` };
  } catch (error) {
    return { name, state: "failed", detail: `${where} does not answer: ${reasonOf(error)}` };
  }
}
