// Gates that only look at a change, and what is read for them from real repositories.
import { gate, type GateKind, type GateOf, parse } from "@baton/contract";
import { afterAll, expect, test } from "vitest";
import { createRepository } from "../landing/landing.testkit.ts";
import { openPrograms } from "../programs/programs.ts";
import { newId, systemClock } from "../std/clock.ts";
import { openGit } from "../workspaces/git.ts";
import { type Change, readChange } from "./change.ts";
import { judgeCoverage, readLcov } from "./coverage.ts";
import { lookAt } from "./judge.ts";
import { judgePaths, judgeSize } from "./findings.ts";
import { judgeSecrets } from "./secrets.ts";
import { whatMatters } from "./what-matters.ts";

const programs = openPrograms(systemClock);
afterAll(() => programs.close());
const define = <Kind extends GateKind>(given: { kind: Kind; [field: string]: unknown }): GateOf<Kind> =>
  parse(gate, { name: "gate", ...given }, "gate") as GateOf<Kind>;
const adding = (...lines: string[]): Change => ({ files: [], added: lines.map((text, at) => ({ path: "src/a.ts", line: at + 1, text })) });
const touching = (...paths: string[]): Change => ({ files: paths.map((path) => ({ path, status: "M", added: 10, removed: 5, bytes: 2000 })), added: [] });

test("a change is read with every file, its counts, its size and the lines that are new, whatever they and the paths look like", async () => {
  const repository = createRepository({ "keep.txt": "one\ntwo\nthree\n", "gone.txt": "gone\n", "old name.txt": "same\n" });
  repository.branch("work", {
    "keep.txt": "one\n++ b/trick.txt\n@@ -1 +1 @@\nthree",
    "gone.txt": null,
    "old name.txt": null,
    "new name.txt": "same\n",
    'we"ird\tname.txt': "odd\n",
    "grüße.txt": "hello\n",
  });
  const change = await readChange({ git: openGit({ programs, newId }) }, repository.path, "main", "work");
  expect(new Set(change.files.map(({ path, status, added, removed, bytes }) => [path, status, added, removed, bytes].join(" ")))).toEqual(
    new Set(["gone.txt D 0 1 ", "grüße.txt A 1 0 6", "keep.txt M 3 2 36", "new name.txt A 1 0 5", "old name.txt D 0 1 ", 'we"ird\tname.txt A 1 0 4']),
  );
  expect(new Set(change.added.map(({ path, line, text }) => `${path}:${line} ${text}`))).toEqual(
    new Set(["grüße.txt:1 hello", "keep.txt:2 ++ b/trick.txt", "keep.txt:3 @@ -1 +1 @@", "keep.txt:4 three", "new name.txt:1 same", 'we"ird\tname.txt:1 odd']),
  );
  repository.remove();
});
test("paths are held to what is allowed and what is forbidden, hidden ones too", () => {
  const rule = define({ kind: "paths", allowed: ["src/**", "docs/*.md"], forbidden: ["**/.env*", "src/secret/**"] });
  expect(judgePaths(rule, touching("src/a/b.ts", "docs/x.md"))).toMatchObject({ state: "pass" });
  const found = judgePaths(rule, touching("src/a.ts", "src/.env.local", "src/secret/x", "README.md"));
  expect(found).toMatchObject({ state: "fail", reason: "It changes 3 files that it may not." });
  expect(found.detail.split("\n")).toEqual([
    "src/.env.local is forbidden here",
    "src/secret/x is forbidden here",
    "README.md is not among what may be changed",
  ]);
});
test("the size is limited in files, lines and bytes, without what is ignored", () => {
  const rule = define({ kind: "size", maxFiles: 2, maxLines: 30, maxFileBytes: 1999, ignore: ["*.lock"] });
  expect(judgeSize(define({ kind: "size", maxFiles: 2, maxLines: 30, ignore: ["*.lock"] }), touching("a", "b", "c.lock"))).toMatchObject({ state: "pass" });
  expect(judgeSize(rule, touching("a", "b", "c")).detail.split("\n")).toEqual([
    "3 files are changed; at most 2 may be",
    "45 lines are added or removed; at most 30 may be",
    ...["a", "b", "c"].map((path) => `${path} has 2000 bytes; at most 1999 are allowed`),
  ]);
});

const random = (length: number): string => "q8Zr2LmXv5Tn1KpWd9Yb3HcJf7Ge4SaUo6Ri0Q".repeat(3).slice(0, length);
test.each([
  ["a key of AWS", `aws_key = "AKIA${random(16).toUpperCase()}"`],
  ["a token of GitHub", `const token = "ghp_${random(36)}";`],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
  ["a password in an address", "postgres://admin:hunter2hunter2@db.example.com/app"],
  ["a random value that is assigned to a telling name", `  "client_secret": "${random(32)}",`],
  ["a web token", `eyJ${random(12)}.eyJ${random(20)}.${random(30)}`],
])("%s is found, and not told whole", (_, line) => {
  const found = judgeSecrets(define({ kind: "secrets" }), adding("fine", line));
  expect(found).toMatchObject({ state: "fail" });
  expect(found.detail).toMatch(/^src\/a\.ts:2 looks like /);
  expect(found.detail).not.toContain(random(20));
  expect(judgeSecrets(define({ kind: "secrets", ignore: ["src/**"] }), adding(line))).toMatchObject({ state: "pass" });
});
test.each([
  ["words", 'const passwordLabel = "Please choose a password";'],
  ["a placeholder", 'password: "xxxxxxxxxxxxxxxxxxxx"'],
  ["what is read from the environment", "const token = process.env.GITHUB_TOKEN;"],
  ["a hash of a lock file", `"integrity": "sha512-${random(64)}=="`],
  ["an address with a variable for its password", "postgres://admin:${PASSWORD}@db/app"],
])("%s is no secret", (_, line) => expect(judgeSecrets(define({ kind: "secrets" }), adding(line))).toMatchObject({ state: "pass" }));

const lcov = "SF:/root/src/a.ts\nDA:1,1\nDA:2,0\nDA:3,4\nDA:4,1\nBRF:4\nBRH:1\nend_of_record\nSF:src/b.ts\nDA:1,1\nend_of_record\n";
test.each([
  [{ minLines: 80 }, "pass", "80.0 % of lines"],
  [{ minLines: 81 }, "fail", "80.0 % of lines"],
  [{ minBranches: 30 }, "fail", "25.0 % of branches"],
  [{ minChangedLines: 60 }, "fail", "50.0 % of changed lines"],
])("coverage %j: %s", (least, state, told) => {
  const added = [1, 2, 9].map((line) => ({ path: "src/a.ts", line, text: "" }));
  const found = judgeCoverage(define({ kind: "coverage", ...least }), readLcov(lcov, "/root"), added);
  expect(found).toMatchObject({ state, reason: expect.stringContaining(told) });
  if ("minChangedLines" in least) expect(found.detail).toContain("src/a.ts:2 is not covered");
});
test("a coverage file that tells nothing lets nothing through", () => {
  expect(judgeCoverage(define({ kind: "coverage", minLines: 0 }), readLcov("", "/root"), [])).toMatchObject({ state: "misconfigured" });
});

test("of a long output the failure is kept with what stands around it, and the end", () => {
  const lines = Array.from({ length: 3000 }, (_, at) => `ok ${at}: it works as it should`);
  lines[1500] = "\u001b[31mAssertionError: 1 is not 2\u001b[39m";
  const kept = whatMatters(lines.join("\n"), 2000).split("\n");
  expect(kept).toEqual([
    "ok 1498: it works as it should",
    expect.stringContaining("ok 1499"),
    "AssertionError: 1 is not 2",
    ...Array(5).fill(expect.stringMatching(/^ok 15/)),
    "…",
    ...Array(12).fill(expect.stringMatching(/^ok 29/)),
  ]);
  expect(whatMatters("short", 2000)).toBe("short");
});
test.each([
  ["a pattern that fits in endless ways", define({ kind: "paths", forbidden: [`${"*a".repeat(20)}b`] }), touching("a".repeat(250))],
  ["a line that is endless", define({ kind: "secrets" }), adding("secret".repeat(400_000))],
])("%s is not let through, and holds up nobody", (_, rule, change) => {
  expect(lookAt(rule, change)).toMatchObject({ state: "fail", reason: expect.stringContaining("could not be judged within") });
});
