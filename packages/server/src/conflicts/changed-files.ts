// Which files differ between two trees, and in which lines, from what `git diff --raw -z --patch --unified=0` writes. Pure.

/** Lines of the older version, counted from 0: `[first, one after the last]`. What is put between two lines is `[n, n]`, before line n. */
export type Hunk = readonly [from: number, to: number];
export interface ChangedFile {
  path: string;
  /** Ids of what it was and what it is. Zeros: it is not there. */
  from: string;
  to: string;
  /** undefined: there is no telling, as it is binary. */
  hunks: readonly Hunk[] | undefined;
}

/** First the list, until an empty field; then the patches of its files, in the same order. Renames are not looked for. */
export function parseChangedFiles(text: string): ChangedFile[] {
  const end = text.indexOf("\0\0");
  const list = parseList(end < 0 ? text : text.slice(0, end + 1));
  // What a file contains begins with `+`, `-` or `\`: no line of it looks like these. Lines end as git ends them, whatever is in them.
  const patches = end < 0 ? [] : text.slice(end + 2).split(/(?<=\n)(?=diff --git )/);
  return list.map((file, at) => ({ ...file, hunks: toHunks(patches[at]) }));
}
/** `:<modes> <ids> <status>` and a path, in turns. */
export function parseList(text: string): Omit<ChangedFile, "hunks">[] {
  const fields = text.split("\0");
  const files = [];
  for (let at = 0; fields[at]?.startsWith(":"); at += 2) {
    const [, , from = "", to = ""] = (fields[at] as string).split(" ");
    files.push({ path: fields[at + 1] ?? "", from, to });
  }
  return files;
}
function toHunks(patch: string | undefined): Hunk[] | undefined {
  if (patch === undefined || /\nBinary files /.test(patch)) return undefined;
  return [...patch.matchAll(/\n@@ -(\d+)(?:,(\d+))? /g)].map(([, line, count = "1"]) => {
    const from = Number(count) === 0 ? Number(line) : Number(line) - 1;
    return [from, from + Number(count)] as const;
  });
}

/** Where both changed it; what is next to each other counts, as it does for a merge. `undefined`: nowhere, as far as can be told. */
export function overlapOf(one: readonly Hunk[], other: readonly Hunk[]): Hunk[] | undefined {
  const found = one.flatMap(([from, to]) =>
    other
      .filter(([otherFrom, otherTo]) => from <= otherTo && otherFrom <= to)
      .map(([otherFrom, otherTo]): Hunk => [Math.max(from, otherFrom), Math.min(to, otherTo)]),
  );
  return found.length === 0 ? undefined : found;
}
