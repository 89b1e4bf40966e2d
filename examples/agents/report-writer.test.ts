// The report: what it says first, what it does without a part, and that text of a repository never becomes markup.
import { expect, test } from "vitest";
import { reviewDependencies } from "./dependency-reviewer.mjs";
import { analyseHistory } from "./history-analyst.mjs";
import { scanCode } from "./code-scanner.mjs";
import { writeReport } from "./report-writer.mjs";
import { inspectRepository } from "./repository-inspector.mjs";
import { lines, makeRepository } from "./repository.fixture.ts";

const world = { now: new Date("2026-06-01T12:34:56Z") };
const all = async (path: string) => {
  const [inspection, history, scan, dependencies] = await Promise.all([
    inspectRepository(path),
    analyseHistory(path),
    scanCode(path),
    reviewDependencies(path),
  ]);
  return { inspection, history, scan, dependencies };
};

test("a whole review becomes one report: summary, next steps by severity, the parts, the method", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": `${lines(20)}// FIXME: this\n`, "package.json": JSON.stringify({ dependencies: { a: "*" } }) });
  const { markdown, summary, findings, missing, title } = writeReport(await all(repository.path), world);
  const headings = [...markdown.matchAll(/^## (.*)$/gm)].map(([, text]) => text);
  expect(headings).toEqual([
    "Summary",
    "What to do next",
    "What it is made of",
    "Where change concentrates",
    "What was left behind",
    "What keeps it alive",
    "Method and limits",
  ]);
  expect(markdown).toContain("2026-06-01 12:34 UTC · commit `");
  expect(summary).toMatch(
    /^2 files people wrote, 21 lines of code, mostly TypeScript; 1 commit by 1 person from 2026-01-01 to 2026-01-01; 1 marker of work left and 0 possible secrets; 1 dependency in 1 manifest/,
  );
  expect(findings).toMatchObject({
    high: 1,
    first: [
      { severity: "high", title: "No tests were found", source: "Dependencies" },
      { severity: "medium" },
      {},
      {},
      {},
      {},
      { severity: "low", title: "1 FIXME comment says something is wrong" },
    ],
  });
  expect(missing).toEqual([]);
  expect(title).toMatch(/^Review of /);
});

test("findings handed over as JSON text are read like any other", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": lines(3) });
  const found = await all(repository.path);
  const asText = Object.fromEntries(Object.entries(found).map(([key, value]) => [key, JSON.stringify(value)]));
  expect(writeReport(asText, world)).toEqual(writeReport(found, world));
});

test("a part that is missing or cannot be read is named in the limits, and the rest is written", async () => {
  const repository = makeRepository();
  repository.commit({ "a.ts": lines(3) });
  const { markdown, missing } = writeReport({ inspection: await inspectRepository(repository.path), history: "sorry, no", scan: null }, world);
  expect(missing).toEqual(["History", "Scan", "Dependencies"]);
  expect(markdown).toContain("Missing: History, Scan, Dependencies.");
  expect(markdown).not.toContain("Where change concentrates");
});

test("without any part there is nothing to report, and it says so", () => {
  expect(() => writeReport({}, world)).toThrow("None of inspection, history, scan and dependencies was given.");
});

test("an empty repository has a short report", async () => {
  const { markdown, findings } = writeReport(await all(makeRepository().path), world);
  expect(findings.total).toBe(0);
  expect(markdown).toContain("no commits yet");
  expect(markdown).toContain("Nothing was found that asks for action.");
});

test("names, comments and authors show as text, never as markup", async () => {
  const repository = makeRepository();
  repository.commit(
    { "pipe|`tick`.ts": "// TODO: <img src=x onerror=alert(1)> [click](https://evil.example) | **bold**\n", "line\nbreak.ts": `${lines(5)}// FIXME: one\n` },
    { author: "<b>Eve</b> | [x](y)", email: "eve@example.org" },
  );
  const { markdown } = writeReport(await all(repository.path), world);
  expect(markdown).toContain("``pipe\\|`tick`.ts:1``");
  expect(markdown).toContain("`line\\u{a}break.ts:6`");
  expect(markdown).toContain("TODO: \\<img src=x onerror=alert(1)\\> \\[click\\](https:&#8203;//evil.example) \\| \\*\\*bold\\*\\*");
  expect(markdown.replaceAll("<br>", "").replaceAll("\\<", "")).not.toMatch(/<[a-z]/i);
});
