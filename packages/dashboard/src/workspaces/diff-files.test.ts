import { expect, test } from "vitest";
import { toChangedFiles } from "./diff-files.ts";

const modified = (path: string) => ({ path, oldPath: null, status: "modified" as const, additions: 1, deletions: 1 });
const patchOf = (path: string, ...lines: string[]) =>
  [`diff --git a/${path} b/${path}`, "index 1..2 100644", `--- a/${path}`, `+++ b/${path}`, ...lines, ""].join("\n");

test("each line has its number before and after the change", () => {
  const patch = patchOf("a.txt", "@@ -1,3 +1,3 @@", " one", "-two", "+zwei", " three");
  expect(toChangedFiles({ files: [modified("a.txt")], patch, truncated: false })[0]?.lines).toEqual([
    { kind: "same", text: "one", before: 1, after: 1 },
    { kind: "removed", text: "two", before: 2, after: null },
    { kind: "added", text: "zwei", before: null, after: 2 },
    { kind: "same", text: "three", before: 3, after: 3 },
  ]);
});

test("what is left out between two places is a gap that says where one is", () => {
  const patch = patchOf("a.ts", "@@ -1 +1 @@", "-a", "+b", "@@ -40,2 +40,2 @@ function far()", " c", "-d", "+e");
  const lines = toChangedFiles({ files: [modified("a.ts")], patch, truncated: false })[0]?.lines ?? [];
  expect(lines.map(({ kind }) => kind)).toEqual(["removed", "added", "gap", "same", "removed", "added"]);
  expect(lines[2]?.text).toBe("function far()");
  expect(lines.at(-1)?.after).toBe(41);
});

test("a line of a file that reads like the heading of a diff stays a line", () => {
  const patch = patchOf("a.txt", "@@ -1 +1,2 @@", "-diff --git a/x b/x", "+--- a/x", "+@@ -1 +1 @@") + patchOf("b.txt", "@@ -1 +1 @@", "-1", "+2");
  const files = toChangedFiles({ files: [modified("a.txt"), modified("b.txt")], patch, truncated: false });
  expect(files.map(({ lines }) => lines?.map(({ text }) => text))).toEqual([
    ["diff --git a/x b/x", "--- a/x", "@@ -1 +1 @@"],
    ["1", "2"],
  ]);
});

test("a file without lines, and one that became another kind of file, do not move what is told of the others", () => {
  const binary = "diff --git a/image b/image\nindex 1..2 100644\nBinary files a/image and b/image differ\n";
  const kind = `${patchOf("link", "@@ -1 +0,0 @@", "-text")}${patchOf("link", "@@ -0,0 +1 @@", "+/elsewhere", "\\ No newline at end of file")}`;
  const files = [{ ...modified("image"), additions: null, deletions: null }, { ...modified("link"), status: "type changed" as const }, modified("z.txt")];
  const found = toChangedFiles({ files, patch: binary + kind + patchOf("z.txt", "@@ -1 +1 @@", "-1", "+2"), truncated: false });
  expect(found.map(({ lines }) => lines?.map(({ kind: is, text }) => `${is} ${text}`))).toEqual([
    [],
    ["removed text", "added /elsewhere", "note No newline at end of file"],
    ["removed 1", "added 2"],
  ]);
});

test("of a diff that was cut off, the last file that was begun and those after it are still to be asked for", () => {
  const patch = patchOf("a.txt", "@@ -1 +1 @@", "-1", "+2") + patchOf("b.txt", "@@ -1,9 +1,9 @@", "-1");
  const files = toChangedFiles({ files: [modified("a.txt"), modified("b.txt"), modified("c.txt")], patch, truncated: true });
  expect(files.map(({ lines }) => lines?.length ?? null)).toEqual([2, null, null]);
});

test("of one file that is too long for an answer, what was sent is shown", () => {
  const patch = patchOf("b.txt", "@@ -1,9 +1,9 @@", "-1", "+2");
  expect(toChangedFiles({ files: [modified("b.txt")], patch, truncated: true })[0]?.lines).toHaveLength(2);
});
