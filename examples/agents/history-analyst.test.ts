// The history analyst on histories made for the purpose.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { analyseHistory } from "./history-analyst.mjs";
import { lines, makeRepository, temporaryFolder } from "./repository.fixture.ts";

const now = Date.parse("2026-06-01T00:00:00Z");

test("what is large and often changed ranks first, with its fixes counted", async () => {
  const repository = makeRepository();
  repository.commit({ "hot.ts": lines(400), "cold.ts": lines(500), "small.ts": lines(1) });
  for (let index = 0; index < 6; index++)
    repository.commit({ "hot.ts": lines(401 + index), "small.ts": lines(2 + index) }, { message: index % 2 ? "Fix a bug" : "Grow" });
  const { hotspots, commits, findings } = await analyseHistory(repository.path, { now });
  expect(commits).toBe(7);
  expect(hotspots.map(({ path }) => path)).toEqual(["hot.ts", "cold.ts", "small.ts"]);
  expect(hotspots[0]).toMatchObject({ commits: 7, recentCommits: 7, fixes: 3, lines: 406, authors: 1, score: 90 });
  expect(findings[0]).toMatchObject({ title: "One file is both large and often changed", where: ["hot.ts"] });
});

test("a renamed file keeps its past", async () => {
  const repository = makeRepository();
  repository.commit({ "old name.ts": lines(50) });
  repository.commit({ "old name.ts": lines(60) });
  repository.git("mv", "old name.ts", "new.ts");
  repository.commit({});
  repository.commit({ "new.ts": lines(70) });
  expect((await analyseHistory(repository.path, { now })).hotspots).toMatchObject([{ path: "new.ts", commits: 4, recentAdded: 70, recentDeleted: 0 }]);
});

test("names with line breaks, tabs and unicode are counted under their own name", async () => {
  const repository = makeRepository();
  repository.commit({ "new\nline.ts": lines(5), "tab\there.ts": lines(4), "日本 語.ts": lines(3) });
  const { hotspots } = await analyseHistory(repository.path, { now });
  expect(hotspots.map(({ path, commits }) => [path, commits])).toEqual([
    ["new\nline.ts", 1],
    ["tab\there.ts", 1],
    ["日本 語.ts", 1],
  ]);
});

test("who knows a folder is told by its commits, without bots, and one person under two addresses is one", async () => {
  const repository = makeRepository();
  const people = [
    { author: "Ada Lovelace", email: "ada@example.org" },
    { author: "Ada Lovelace", email: "ada@elsewhere.example" },
    { author: "ada", email: "ada@example.org" },
    { author: "Bob Babbage", email: "bob@example.org" },
    { author: "dependabot[bot]", email: "bot@example.org" },
  ];
  for (const [index, who] of people.entries()) repository.commit({ "lib/a.ts": lines(index + 1), [`docs/${index}.md`]: "x" }, who);
  const { folders, authors, people: found } = await analyseHistory(repository.path, { now });
  expect(authors).toBe(3);
  expect(found[0]).toMatchObject({ commits: 3, bot: false });
  expect(folders.find(({ folder }) => folder === "lib/")).toMatchObject({ commits: 5, authors: 2, busFactor: 1, topShare: 0.75 });
});

test("files that change in the same commits are paired; a sweep over many files pairs nothing", async () => {
  const repository = makeRepository();
  for (let index = 0; index < 6; index++)
    repository.commit({ "a.ts": lines(index + 1), "b.ts": lines(index + 1), ...(index < 4 ? { "c.ts": lines(index) } : {}) });
  for (let sweep = 0; sweep < 6; sweep++)
    repository.commit(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`many/${index}.ts`, lines(sweep + 1)])));
  const { together } = await analyseHistory(repository.path, { now });
  expect(together.map(({ a, b, together: times, share }) => [a, b, times, share])).toEqual([["a.ts", "b.ts", 6, 1]]);
});

test("activity is told for every month, and ages for today's files", async () => {
  const repository = makeRepository();
  repository.commit({ "old.ts": "1\n", "deleted.ts": "1\n" }, { at: "2022-05-01T00:00:00Z" });
  repository.git("rm", "--quiet", "deleted.ts");
  repository.commit({ "new.ts": "1\n" }, { at: "2026-05-20T00:00:00Z" });
  const { activity, ages, firstCommitAt, lastCommitAt } = await analyseHistory(repository.path, { now });
  expect(activity).toHaveLength(36);
  expect(activity.at(-2)).toMatchObject({ month: "2026-05", commits: 1 });
  expect(activity.at(-3)).toMatchObject({ month: "2026-04", commits: 0 });
  expect([ages[0], ages.at(-1)]).toEqual([
    { age: "under a month", files: 1 },
    { age: "over 2 years", files: 1 },
  ]);
  expect([firstCommitAt, lastCommitAt]).toEqual(["2022-05-01", "2026-05-20"]);
});

test("without commits there is an answer that says so", async () => {
  expect(await analyseHistory(makeRepository().path, { now })).toMatchObject({
    commits: 0,
    firstCommitAt: null,
    hotspots: [],
    findings: [],
    cuts: ["There are no commits yet."],
  });
});

test("a bound that cut something is told", async () => {
  const repository = makeRepository();
  for (let index = 0; index < 5; index++) repository.commit({ "a.ts": lines(index + 1) });
  const found = await analyseHistory(repository.path, { now, maxCommits: 3 });
  expect(found).toMatchObject({ commits: 3, cuts: ["The limit of commits was reached: only the newest 3 commits were read."] });
});

test("a shallow clone says that it is one", async () => {
  const repository = makeRepository();
  for (let index = 0; index < 3; index++) repository.commit({ "a.ts": lines(index + 1) });
  const clone = temporaryFolder();
  execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${repository.path}`, clone], { stdio: "ignore" });
  expect(await analyseHistory(clone, { now })).toMatchObject({ commits: 1, cuts: [expect.stringContaining("shallow")] });
});

test("only the folder that was asked for counts, and what an earlier step told to skip does not", async () => {
  const repository = makeRepository();
  repository.commit({ "inner/a.ts": lines(3), "inner/made.ts": lines(9), "inner/theirs/b.ts": lines(9), "outer.ts": lines(9) });
  repository.commit({ "outer.ts": lines(10) });
  const found = await analyseHistory(`${repository.path}/inner`, { now, skip: ["inner/made.ts", "inner/theirs/"] });
  expect(found.commits).toBe(1);
  expect(found.hotspots.map(({ path }) => path)).toEqual(["inner/a.ts"]);
});

test("a commit dated beyond every calendar does no harm", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": lines(1) });
  const tree = repository.git("write-tree").trim();
  const object = `tree ${tree}\nauthor A <a@example.org> 99999999999999999 +0000\ncommitter A <a@example.org> 99999999999999999 +0000\n\nFar away\n`;
  repository.write({ "far-commit": object });
  repository.git("reset", "--quiet", "--hard", repository.git("hash-object", "-t", "commit", "-w", "--literally", "far-commit").trim());
  expect(await analyseHistory(repository.path, { now })).toMatchObject({ commits: 1 });
});
