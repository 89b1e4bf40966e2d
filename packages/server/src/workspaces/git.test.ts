// git run as this server runs it, on real repositories.
import { access, chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPrograms } from "../programs/programs.ts";
import { systemClock } from "../std/clock.ts";
import { openGit } from "./git.ts";

const programs = openPrograms(systemClock);
const git = openGit({ programs, newId: randomUUID });
let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "baton-git-")));
  await git.text({ cwd: directory, args: ["init", "-q", "-b", "main", "repo"] });
});
afterAll(async () => {
  await programs.close();
  await rm(directory, { recursive: true, force: true });
});
const repo = (): string => join(directory, "repo");

test("git answers with what it wrote, and reads what it is given", async () => {
  const blob = await git.line({ cwd: repo(), args: ["hash-object", "-w", "--stdin"], stdin: "grüße\n" });
  expect(await git.text({ cwd: repo(), args: ["cat-file", "blob", blob] })).toBe("grüße\n");
});

test("what git refuses is an answer of run, and a refusal with git's words of text", async () => {
  const call = { cwd: repo(), args: ["rev-parse", "--verify", "nothing"] };
  expect(await git.run(call)).toMatchObject({ code: 128, how: "ended with code 128", stderr: expect.stringContaining("Needed a single revision") });
  await expect(git.text(call)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("git rev-parse --verify ended with code 128: fatal:"),
  });
});

test("git that writes more than it may, takes longer than it may, or is no longer wanted is ended and says why", async () => {
  const blob = await git.line({ cwd: repo(), args: ["hash-object", "-w", "--stdin"], stdin: Buffer.alloc(100_000) });
  expect(await git.run({ cwd: repo(), args: ["cat-file", "blob", blob], maxBytes: 1000 })).toMatchObject({ code: null, how: "wrote more than 1000 bytes" });
  const forever = { cwd: repo(), args: ["-c", "alias.forever=!sleep 60", "forever"] };
  expect(await git.run({ ...forever, timeoutMs: 100 })).toMatchObject({ code: null, how: "was not done after 100 ms" });
  expect(await git.run({ ...forever, signal: AbortSignal.abort() })).toMatchObject({ code: null, how: "was ended" });
});

test("git finds nothing of this server's environment, and runs no hook of the repository", async () => {
  process.env["GIT_DIR"] = "/nowhere";
  process.env["BATON_TEST_SECRET"] = "hidden";
  const said = await git.text({ cwd: repo(), args: ["-c", "alias.show-environment=!env", "show-environment"] }).finally(() => {
    delete process.env["GIT_DIR"];
    delete process.env["BATON_TEST_SECRET"];
  });
  expect(said).not.toContain("hidden");
  const hook = join(repo(), ".git", "hooks", "post-commit");
  await writeFile(hook, `#!/bin/sh\ntouch ${join(directory, "hooked")}\n`);
  await chmod(hook, 0o755);
  const committed = await git.run({ cwd: repo(), args: ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "one"] });
  expect(committed).toMatchObject({ code: 0 });
  await expect(access(join(directory, "hooked"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("a directory inside a repository is not taken for it when its own repository is gone", async () => {
  const inside = join(repo(), "inside");
  await mkdir(inside);
  expect(await git.run({ cwd: inside, args: ["rev-parse", "--git-dir"] })).toMatchObject({
    code: 128,
    stderr: expect.stringContaining("not a git repository"),
  });
});
