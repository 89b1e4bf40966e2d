// The agents look into repositories nobody vouches for: these repositories try to make them run something, or read elsewhere.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reviewDependencies } from "../dependency-reviewer.mjs";
import { analyseHistory } from "../history-analyst.mjs";
import { inspectRepository } from "../repository-inspector.mjs";
import { makeRepository, temporaryFolder } from "../repository.fixture.ts";
import { scanCode } from "../code-scanner.mjs";
import { askGit, openWorkTree, readGit } from "./git.mjs";

const refusalOf = (path: unknown): Promise<{ code: string; message: string }> =>
  openWorkTree(path).then(
    () => expect.unreachable("It was accepted."),
    (error: unknown) => error as { code: string; message: string },
  );
const everyAgent = async (path: string): Promise<string> => {
  const answers = await Promise.all([inspectRepository(path), analyseHistory(path), scanCode(path), reviewDependencies(path)]);
  return JSON.stringify(answers);
};

describe("a path is refused with a reason when it", () => {
  test("is missing", async () => expect(await refusalOf(undefined)).toMatchObject({ code: "repository_missing" }));
  test("is relative", async () => expect(await refusalOf("some/where")).toMatchObject({ code: "bad_path" }));
  test("holds a NUL", async () => expect(await refusalOf("/tmp/\u0000")).toMatchObject({ code: "bad_path" }));
  test("does not exist", async () => expect(await refusalOf(join(temporaryFolder(), "gone"))).toMatchObject({ code: "not_found" }));
  test("is a file", async () => {
    const repository = makeRepository();
    repository.write({ "a.txt": "a" });
    expect(await refusalOf(join(repository.path, "a.txt"))).toMatchObject({ code: "not_a_work_tree" });
  });
  test("is a folder without git", async () => expect(await refusalOf(temporaryFolder())).toMatchObject({ code: "not_a_work_tree" }));
  test("is a bare repository", async () => {
    const folder = temporaryFolder();
    execFileSync("git", ["init", "--quiet", "--bare", folder]);
    expect(await refusalOf(folder)).toMatchObject({ code: "not_a_work_tree" });
  });
  test("only looks like a repository", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".git"));
    expect(await refusalOf(folder)).toMatchObject({ code: "git_failed" });
  });
});

test("a folder inside a work tree narrows what is asked to that folder", async () => {
  const repository = makeRepository();
  repository.commit({ "inner/a.txt": "a", "b.txt": "b" });
  const tree = await openWorkTree(join(repository.path, "inner"));
  expect(tree).toMatchObject({ root: repository.path, scope: "inner/", branch: "main" });
});

test("nothing that a repository configures is run", async () => {
  const repository = makeRepository();
  const mark = join(temporaryFolder(), "ran");
  const program = join(repository.path, "evil.sh");
  repository.commit({ "a.dat": "one\n", "b.ts": "// TODO: one\n", ".gitattributes": "* diff=evil filter=evil\n" });
  repository.commit({ "a.dat": "two\n", "b.ts": "// TODO: two\n" });
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat "$1"\n`, { mode: 0o755 });
  for (const setting of [
    "core.fsmonitor",
    "core.pager",
    "diff.external",
    "diff.evil.textconv",
    "diff.evil.command",
    "gpg.program",
    "core.sshCommand",
    "core.editor",
  ])
    repository.git("config", setting, program);
  for (const setting of ["filter.evil.clean", "filter.evil.smudge", "filter.evil.process"]) repository.git("config", setting, program);
  repository.git("config", "log.showSignature", "true");
  repository.git("config", "core.hooksPath", repository.path);
  repository.write({ "a.dat": "changed\n", "b.ts": "// TODO: changed\n" });
  await everyAgent(repository.path);
  expect(existsSync(mark)).toBe(false);
});

test("a missing object is not fetched by a program the repository names", async () => {
  const repository = makeRepository();
  const mark = join(temporaryFolder(), "ran");
  repository.commit({ "a.ts": "one\n" });
  repository.commit({ "a.ts": "two\n" });
  const blob = repository.git("rev-parse", "HEAD~1:a.ts").trim();
  execFileSync("rm", ["-f", join(repository.path, ".git/objects", blob.slice(0, 2), blob.slice(2))]);
  repository.git("config", "remote.origin.url", temporaryFolder());
  repository.git("config", "remote.origin.promisor", "true");
  repository.git("config", "remote.origin.uploadpack", `touch ${mark};`);
  repository.git("config", "extensions.partialClone", "origin");
  repository.git("config", "core.repositoryFormatVersion", "1");
  repository.git("config", "protocol.file.allow", "always");
  const history = await analyseHistory(repository.path);
  expect(existsSync(mark)).toBe(false);
  expect(history).toMatchObject({ commits: 2, cuts: [expect.stringContaining("missing in this clone")] });
});

test("files outside are not read, neither through links nor by another work tree in the settings", async () => {
  const outside = temporaryFolder();
  writeFileSync(join(outside, "private.ts"), "// TODO: not yours\n");
  const repository = makeRepository();
  symlinkSync(join(outside, "private.ts"), join(repository.path, "link.ts"));
  repository.commit({ "folder/private.ts": "// nothing\n" });
  execFileSync("rm", ["-r", join(repository.path, "folder")]);
  symlinkSync(outside, join(repository.path, "folder"));
  expect(await everyAgent(repository.path)).not.toContain("not yours");
  repository.git("config", "core.worktree", outside);
  expect(await everyAgent(repository.path)).not.toContain("not yours");
});

test("a reader that has enough ends git", async () => {
  const repository = makeRepository();
  repository.commit(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}.txt`, "x"])));
  let seen = 0;
  expect(await readGit(repository.path, ["ls-files", "-z"], () => ++seen < 3)).toBe("stopped");
  expect(seen).toBe(3);
});

test("git is ended when its time or its bytes run out, and when the caller aborts", async () => {
  const repository = makeRepository();
  repository.commit({ "a.txt": "a" });
  const nothing = () => undefined;
  expect(await readGit(repository.path, ["ls-files", "-z"], nothing, { maxBytes: 1 })).toBe("bytes");
  execFileSync("mkfifo", [join(repository.path, "silent")]);
  const waiting = ["hash-object", join(repository.path, "silent")];
  expect(await readGit(repository.path, waiting, nothing, { timeoutMs: 50 })).toBe("time");
  const stop = new AbortController();
  const asked = askGit(repository.path, waiting, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
});
