// Real repositories and a server without doors, for tests of landing.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Landing, type LandingInput, landingInput, parse } from "@baton/contract";
import { newId } from "../std/clock.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "../tasks/tasks.testkit.ts";
import { type Git, openGit } from "../workspaces/git.ts";
import { createLanding, getLanding, type LandingsWorld, type LandingWorker, openLandingWorker } from "./landing.ts";

type Files = Record<string, string | null>;
export interface TestRepository {
  path: string;
  git(...args: string[]): string;
  /** Commits files (null: removed) on a new branch off another, without touching the work tree. */
  branch(name: string, files: Files, from?: string): string;
  /** What a commit or branch has in a file. */
  read(commit: string, path: string): string;
  write(path: string, content: string): void;
  remove(): void;
}
const IDENTITY = { GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.com", GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.com" };

export function createRepository(files: Files): TestRepository {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "baton-landing-")));
  const run = (args: readonly string[], environment: Record<string, string> = {}, input = ""): string =>
    execFileSync("git", args, {
      cwd: path,
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...IDENTITY, ...environment },
    }).trimEnd();
  const write = (name: string, content: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  };
  run(["init", "-q", "-b", "main"]);
  for (const [name, content] of Object.entries(files)) write(name, content ?? "");
  run(["add", "-A"]);
  run(["commit", "-q", "-m", "Begin"]);
  let indexes = 0;
  return {
    path,
    git: (...args) => run(args),
    branch: (name, changed, from = "main") => {
      const index = { GIT_INDEX_FILE: join(path, ".git", `test-index-${++indexes}`) };
      run(["read-tree", from], index);
      for (const [file, content] of Object.entries(changed)) {
        if (content === null) run(["update-index", "--force-remove", file], index);
        else run(["update-index", "--add", "--cacheinfo", `100644,${run(["hash-object", "-w", "--stdin"], {}, content)},${file}`], index);
      }
      const commit = run(["commit-tree", run(["write-tree"], index), "-p", from, "-m", `Work of ${name}`]);
      run(["branch", "-f", name, commit]);
      return commit;
    },
    read: (commit, file) => run(["show", `${commit}:${file}`]),
    write,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

export interface LandingServer extends TestServer, LandingsWorld {
  land(input: Partial<LandingInput> & { source: string; repository: string }): Promise<Landing>;
  /** Waits until it has ended. */
  ended(id: string): Promise<Landing>;
  /** @returns how to stop it. */
  startWorker(git?: Partial<Git>): Promise<() => Promise<void>>;
  stopAll(): Promise<void>;
}
export const landingOf = (input: Partial<LandingInput>) => parse(landingInput, input, "body");
export const operator = { name: "operator", mayName: true };
/** @param isIdle no worker is started: whoever tests starts one. */
export async function openLandingServer(open: OpenStore, { script, isIdle = false }: { script?: Script; isIdle?: boolean } = {}): Promise<LandingServer> {
  const server = await openTestServer(open, script ?? (() => ({ ok: true, output: "done" })));
  const judgingDirectory = mkdtempSync(join(tmpdir(), "baton-judging-"));
  const world: LandingsWorld & TestServer = {
    ...server,
    git: openGit({ programs: server.programs, newId }),
    judgingDirectory,
    readEnv: (name) => ({ TOKEN: "token" })[name],
  };
  const workers: LandingWorker[] = [];
  const startWorker = async (git: Partial<Git> = {}) => {
    const worker = await openLandingWorker({ ...world, git: { ...world.git, ...git } });
    workers.push(worker);
    return () => worker.stop();
  };
  if (!isIdle) await startWorker();
  return {
    ...world,
    startWorker,
    land: (input) => createLanding(world, landingOf(input), operator),
    ended: async (id) => {
      const signal = AbortSignal.timeout(60_000);
      for await (const _ of server.events.follow({ after: 0, filter: { type: "landing.*" }, signal })) {
        const landing = await getLanding(world, id);
        if (["landed", "proposed", "refused", "cancelled"].includes(landing.state)) return landing;
      }
      const landing = await getLanding(world, id);
      throw new Error(`Landing ${id} is ${landing.state}: ${landing.reason}`);
    },
    stopAll: async () => {
      for (const worker of workers) await worker.stop();
      await server.stop();
      await server.programs.close();
      rmSync(judgingDirectory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
/** A command gate that is a line of shell. */
export const shell = (name: string, line: string, more: object = {}) => ({ name, kind: "command" as const, command: "sh", args: ["-c", line], ...more });
/** JSON is YAML. */
export const batonYaml = (...gates: object[]): string => JSON.stringify({ gates });
