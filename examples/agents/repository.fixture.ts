// A real git repository for a test, made in a temporary folder and removed after it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export interface CommitFacts {
  author?: string;
  email?: string;
  /** ISO 8601. */
  at?: string;
  message?: string;
}
export interface TestRepository {
  path: string;
  git(...args: string[]): string;
  write(files: Record<string, string | Buffer>): void;
  /** Writes the files and commits everything there is. */
  commit(files: Record<string, string | Buffer>, facts?: CommitFacts): void;
}

export function temporaryFolder(): string {
  const { path, remove } = openFolder();
  onTestFinished(remove);
  return path;
}
/** For what outlives one test. */
export function openFolder(): { path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "baton-examples-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function makeRepository(path = temporaryFolder()): TestRepository {
  const run = (args: string[], environment: Record<string, string> = {}) =>
    execFileSync("git", ["-C", path, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", HOME: path, GIT_CONFIG_NOSYSTEM: "1", ...environment },
    });
  const write = (files: Record<string, string | Buffer>) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    }
  };
  run(["init", "--quiet", "--initial-branch=main"]);
  return {
    path,
    git: (...args) => run(args),
    write,
    commit: (files, { author = "Ada Lovelace", email = "ada@example.org", at = "2026-01-01T00:00:00Z", message = "Change" } = {}) => {
      write(files);
      run(["add", "--all"]);
      run(["-c", "commit.gpgSign=false", "commit", "--quiet", "--allow-empty", "-m", message], {
        GIT_AUTHOR_NAME: author,
        GIT_AUTHOR_EMAIL: email,
        GIT_AUTHOR_DATE: at,
        GIT_COMMITTER_NAME: author,
        GIT_COMMITTER_EMAIL: email,
        GIT_COMMITTER_DATE: at,
      });
    },
  };
}

export const lines = (count: number, text = "const a = 1;"): string => `${text}\n`.repeat(count);
