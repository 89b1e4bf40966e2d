import { expect, test } from "vitest";
import { overlapOf, parseChangedFiles } from "./changed-files.ts";

const at = (letter: string) => letter.repeat(40);
const header = (path: string, status: string, from: string, to: string): string => `:100644 100644 ${from} ${to} ${status}\0${path}\0`;

test("files and the lines of the older version that changed are read, whatever is in them", () => {
  const text = `${header("a.txt", "M", at("a"), at("b"))}${header("we\nird.txt", "A", at("0"), at("c"))}${header("x.bin", "M", at("d"), at("e"))}\0diff --git a/a.txt b/a.txt
index a..b
--- a/a.txt
+++ b/a.txt
@@ -3 +2,0 @@
-3
@@ -10,2 +9,2 @@ @@ -1 +1 @@
-diff --git a/x b/x
+\rdiff --git a/x b/x
+@@ -7 +7 @@
@@ -20,0 +21 @@
+new
diff --git "a/we\\nird.txt" "b/we\\nird.txt"
new file mode 100644
--- /dev/null
+++ "b/we\\nird.txt"
@@ -0,0 +1,5 @@
+Binary files a/x and b/x differ
diff --git a/x.bin b/x.bin
index d..e 100644
Binary files a/x.bin and b/x.bin differ
`;
  expect(parseChangedFiles(text)).toEqual([
    {
      path: "a.txt",
      from: at("a"),
      to: at("b"),
      hunks: [
        [2, 3],
        [9, 11],
        [20, 20],
      ],
    },
    { path: "we\nird.txt", from: at("0"), to: at("c"), hunks: [[0, 0]] },
    { path: "x.bin", from: at("d"), to: at("e"), hunks: undefined },
  ]);
  expect(parseChangedFiles("")).toEqual([]);
});

test("lines that are next to each other overlap, as they do for a merge; with one between they do not", () => {
  expect(overlapOf([[2, 3]], [[3, 4]])).toEqual([[3, 3]]);
  expect(overlapOf([[2, 3]], [[4, 5]])).toBeUndefined();
  expect(
    overlapOf(
      [[0, 10]],
      [
        [2, 3],
        [8, 20],
      ],
    ),
  ).toEqual([
    [2, 3],
    [8, 10],
  ]);
  expect(overlapOf([[5, 5]], [[5, 5]])).toEqual([[5, 5]]);
});
