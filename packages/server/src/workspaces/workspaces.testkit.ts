// Real repositories for tests, and servers on fresh stores.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, type OpenStore, openTestServer, type Script, sqliteStores, type TestServer } from "../tasks/tasks.testkit.ts";
import type { WorkspaceSettings } from "./workspaces.ts";

export interface TestRepository {
  path: string;
  git(...args: string[]): string;
  write(name: string, text: string): void;
}
export function gitIn(path: string, ...args: string[]): string {
  const environment = { PATH: process.env["PATH"], HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const identity = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.com", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.com" };
  return execFileSync("git", args, { cwd: path, env: { ...environment, ...identity }, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trimEnd();
}
export function writeFile(root: string, name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

const removals: (() => void)[] = [];
/** To be called where tests are declared: what is made is removed after them. */
export function openTestPlaces() {
  afterAll(() => {
    for (const remove of removals.splice(0)) remove();
  });
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "baton-repositories-")));
  removals.push(() => rmSync(directory, { recursive: true, force: true }));
  let made = 0;
  return {
    /** With one commit on `main`. */
    repository: (files: Record<string, string> = { "README.md": "hello\n", "src/one.txt": "1\n2\n3\n" }): TestRepository => {
      const path = join(directory, `repository-${++made}`);
      mkdirSync(path);
      for (const [name, text] of Object.entries(files)) writeFile(path, name, text);
      gitIn(path, "init", "-q", "-b", "main");
      gitIn(path, "add", "-A");
      gitIn(path, "commit", "-q", "-m", "Begin");
      return { path, git: (...args) => gitIn(path, ...args), write: (name, text) => writeFile(path, name, text) };
    },
    directory,
    unique: () => ++made,
  };
}
const freshFile = async (): Promise<OpenStore> => {
  const stores = sqliteStores();
  removals.push(stores.remove);
  return stores.open;
};
export async function freshStores(): Promise<[string, () => Promise<OpenStore>][]> {
  const url = await postgresUrl();
  const database = url === undefined ? undefined : await createDatabase(url);
  return [["SQLite", freshFile], ...(database === undefined ? [] : [["Postgres", () => freshSchema(database)] as [string, () => Promise<OpenStore>]])];
}
/** To be called where tests are declared. @returns what starts a server on a fresh store; it is stopped after the test. */
export function startingServers(freshStore: () => Promise<OpenStore>) {
  const running: TestServer[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  return async (script: Script, workspaces: Partial<WorkspaceSettings> = {}): Promise<TestServer> => {
    const server = await openTestServer(await freshStore(), script, { workspaces });
    running.push(server);
    return server;
  };
}
