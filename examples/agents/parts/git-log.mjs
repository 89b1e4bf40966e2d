// Follows `git log` newest first, one commit at a time, with renames carried back. Lines are counted for recent commits only:
// over the 8,900 commits of a large project names alone took git 0.5 s, added and deleted lines of all of them 5 to 12 s.
import { readGit, within } from "./git.mjs";

/** @typedef {{ at: number, who: string, author: string, subject: string, paths: string[] }} Commit `at` in seconds; `who` tells people apart; `paths` by the files' names today */
/** @typedef {"complete" | "stopped" | "time" | "bytes"} End */

const LOG_MS = 15_000;
const LINES_MS = 6000;
const LAST_SECOND = 253_402_300_799;
const PLAIN = ["--no-merges", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules", "--use-mailmap"];

/**
 * @param {import("./git.mjs").WorkTree} tree
 * @param {(commit: Commit) => boolean} onCommit answers whether to go on
 * @param {{ signal?: AbortSignal | undefined, renames?: boolean }} [given] `renames: false` reads no file contents, so it works in a clone without them
 * @returns {Promise<{ end: End, nameNow: Map<string, string> }>} what ended it; and a name in the past -> the name today
 */
export async function followLog(tree, onCommit, { signal, renames = true } = {}) {
  /** @type {Commit | undefined} */
  let commit;
  /** How many names follow as records of their own, and those that came. */
  let expected = 0;
  /** @type {string[]} */
  let names = [];
  /** @type {Map<string, string>} */
  const nameNow = new Map();
  const identify = await readPeople(tree, signal);
  const onRecord = (/** @type {Buffer} */ bytes) => {
    const record = bytes.toString();
    if (expected > 0) {
      names.push(record);
      if (names.length < expected) return true;
      const path = nameNow.get(names.at(-1) ?? "") ?? names.at(-1) ?? "";
      if (expected === 2) nameNow.set(names[0] ?? "", path);
      commit?.paths.push(path);
      expected = 0;
      return true;
    }
    if (record.startsWith("\u0001")) {
      const before = commit;
      commit = toCommit(record, identify);
      return before === undefined || onCommit(before);
    }
    // `:100644 100644 1111111 2222222 M`, then the name; for R086 the old name and the new one.
    expected = / [RC]\d*$/.test(record) ? 2 : 1;
    names = [];
    return true;
  };
  const args = [
    "log",
    "-z",
    "--raw",
    ...(renames ? ["-M", "-l400"] : ["--no-renames"]),
    ...PLAIN,
    "--format=%x01%at%x1f%aE%x1f%aN%x1f%s",
    "HEAD",
    ...within(tree),
  ];
  const end = await readGit(tree.root, args, onRecord, { timeoutMs: LOG_MS, ...(signal ? { signal } : {}) });
  if (end === "complete" && commit) onCommit(commit);
  return { end, nameNow };
}

/**
 * Lines added and deleted since `since`, in the newest commits up to `most`.
 * @param {import("./git.mjs").WorkTree} tree
 * @param {(path: string, added: number, deleted: number) => void} onLines
 * @param {{ since: number, most: number, nameNow: Map<string, string>, signal?: AbortSignal | undefined }} given `since` in seconds
 * @returns {Promise<End>}
 */
export async function followLines(tree, onLines, { since, most, nameNow, signal }) {
  /** @type {{ added: number, deleted: number, names: number } | undefined} */
  let renamed;
  const onRecord = (/** @type {Buffer} */ bytes) => {
    const record = bytes.toString();
    if (renamed) {
      renamed.names++;
      if (renamed.names < 2) return;
      onLines(nameNow.get(record) ?? record, renamed.added, renamed.deleted);
      renamed = undefined;
      return;
    }
    const [, added, deleted, path = ""] = /^\n?(\d+|-)\t(\d+|-)\t([^]*)$/.exec(record) ?? [];
    if (added === undefined) return;
    const lines = { added: Number(added) || 0, deleted: Number(deleted) || 0 };
    if (path === "") renamed = { ...lines, names: 0 };
    else onLines(nameNow.get(path) ?? path, lines.added, lines.deleted);
  };
  const args = ["log", "-z", "--numstat", "-M", "-l400", ...PLAIN, "--format=%x01", `--since=${Math.floor(since)}`, `-n${most}`, "HEAD", ...within(tree)];
  return readGit(tree.root, args, onRecord, { timeoutMs: LINES_MS, ...(signal ? { signal } : {}) });
}

/** @param {string} record @param {(email: string) => string} identify @returns {Commit} */
function toCommit(record, identify) {
  const [at = "", email = "", author = "", ...subject] = record.slice(1).split("\u001f");
  // A commit may carry any number for its time; what no calendar holds counts as the beginning.
  const seconds = Number(at);
  return { at: seconds > 0 && seconds < LAST_SECOND ? seconds : 0, who: identify(email.toLowerCase()), author, subject: subject.join(" "), paths: [] };
}

/**
 * Many commit under several addresses or names: one address, or one full name, is taken for one person.
 * @param {import("./git.mjs").WorkTree} tree
 * @param {AbortSignal} [signal]
 * @returns {Promise<(email: string) => string>} tells people apart by their address
 */
async function readPeople(tree, signal) {
  /** @type {Map<string, string>} a sign -> another of the same person; at the end of each way stands one that points to itself */
  const same = new Map();
  const rootOf = (/** @type {string} */ sign) => {
    let root = sign;
    for (let next = same.get(root); next !== undefined && next !== root; next = same.get(root)) root = next;
    same.set(sign, root);
    return root;
  };
  const onRecord = (/** @type {Buffer} */ bytes) => {
    const [email = "", name = ""] = bytes.toString().toLowerCase().trim().split("\u001f");
    if (/\S\s+\S/.test(name)) same.set(rootOf(name), rootOf(`<${email}>`));
  };
  await readGit(tree.root, ["log", "-z", "--use-mailmap", "--format=%aE%x1f%aN", "HEAD", ...within(tree)], onRecord, {
    timeoutMs: LOG_MS,
    ...(signal ? { signal } : {}),
  });
  return (email) => rootOf(`<${email}>`);
}
