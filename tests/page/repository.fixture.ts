// A git repository for a test of the page, removed after it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface TestRepository {
  path: string;
  git(...args: string[]): string;
  commit(file: string, text: string): void;
}

/** On `main`, with these files in one commit each. */
export function createRepository(files: Record<string, string>): TestRepository {
  const path = mkdtempSync(join(tmpdir(), "baton-page-repository-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { cwd: path, encoding: "utf8" }).trim();
  const commit = (file: string, text: string) => {
    writeFileSync(join(path, file), text);
    git("add", ".");
    git("commit", "-qm", `Write ${file}`);
  };
  git("init", "-q", "-b", "main");
  for (const [file, text] of Object.entries(files)) commit(file, text);
  return { path, git, commit };
}
