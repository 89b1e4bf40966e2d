// A change as gates see it: which files, how much, and the lines that are new. A rename is two files: one goes, one comes.
import type { GitWorld } from "./git-world.ts";
import { Refusal } from "@baton/contract";

export interface ChangedFile {
  path: string;
  /** A: added, M: changed, D: deleted, T: of another type. */
  status: string;
  /** null: binary. */
  added: number | null;
  removed: number | null;
  /** Of what is there after the change; null: nothing is, or it is a submodule. */
  bytes: number | null;
}
export interface AddedLine {
  path: string;
  line: number;
  text: string;
}
export interface Change {
  files: ChangedFile[];
  added: AddedLine[];
}
const PLAIN = ["--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"] as const;
const MAX_PATCH = 64 << 20;

/** What lies between two commits of a repository. @throws Refusal `conflict` when git cannot tell. */
export async function readChange(world: GitWorld, repository: string, from: string, to: string): Promise<Change> {
  const diff = (...more: string[]) => world.git.text({ cwd: repository, args: ["diff", ...PLAIN, ...more, from, to], maxBytes: MAX_PATCH });
  const [raw, numbers, patch] = await Promise.all([diff("--raw", "-z", "--abbrev=40"), diff("--numstat", "-z"), diff("--unified=0")]);
  const counts = new Map(toCounts(numbers));
  const entries = toEntries(raw);
  const sizes = await sizesOf(
    world,
    repository,
    entries.map(({ blob }) => blob).filter((blob) => blob !== undefined),
  );
  return {
    files: entries.map(({ path, status, blob }) => ({
      path,
      status,
      ...(counts.get(path) ?? { added: null, removed: null }),
      bytes: blob === undefined ? null : (sizes.get(blob) ?? null),
    })),
    added: toAddedLines(patch),
  };
}
function toEntries(raw: string): { path: string; status: string; blob: string | undefined }[] {
  const parts = raw.split("\0");
  const found = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = "", , blob = "", status = ""] = (parts[at] ?? "").split(" ");
    // A submodule's commit is no blob of this repository.
    const isBlob = status !== "D" && mode !== "160000";
    found.push({ path: parts[at + 1] ?? "", status, blob: isBlob ? blob : undefined });
  }
  return found;
}
const toCounts = (numbers: string): [string, { added: number | null; removed: number | null }][] =>
  numbers
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const [added = "", removed = "", ...path] = line.split("\t");
      const count = (text: string): number | null => (text === "-" ? null : Number(text));
      return [path.join("\t"), { added: count(added), removed: count(removed) }];
    });
async function sizesOf(world: GitWorld, repository: string, blobs: readonly string[]): Promise<Map<string, number>> {
  if (blobs.length === 0) return new Map();
  const told = await world.git.text({ cwd: repository, args: ["cat-file", "--batch-check=%(objectname) %(objectsize)"], stdin: `${blobs.join("\n")}\n` });
  return new Map(
    told
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" "))
      .map(([blob = "", size]) => [blob, Number(size)]),
  );
}

/** Lines are counted, not recognised: what a line says cannot be taken for a header. @throws Refusal `conflict` for what is no patch. */
export function toAddedLines(patch: string): AddedLine[] {
  const found: AddedLine[] = [];
  const lines = patch.split("\n");
  let path = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("+++ ")) path = toPath(line.slice(4));
    if (!line.startsWith("@@ ")) continue;
    const [, removed, start, added] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (start === undefined) throw new Refusal("conflict", "git's patch could not be read.");
    let left = Number(removed ?? 1) + Number(added ?? 1);
    let number = Number(start);
    while (left > 0 && ++at < lines.length) {
      const text = lines[at] ?? "";
      // "\ No newline at end of file" is no line.
      if (text.startsWith("\\")) continue;
      left--;
      if (text.startsWith("+")) found.push({ path, line: number++, text: text.slice(1) });
    }
  }
  return found;
}
const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
/** `b/path`, or in quotes with escapes where the path has what needs them. A name with spaces ends with a tab. */
function toPath(written: string): string {
  const name = written.startsWith('"')
    ? written.slice(1, written.lastIndexOf('"')).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
    : written.replace(/\t$/, "");
  return name.replace(/^b\//, "");
}
