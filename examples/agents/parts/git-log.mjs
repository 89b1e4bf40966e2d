// Follows `git log` newest first, one commit at a time, with lines added and deleted per file and renames carried back.
import { readGit, within } from "./git.mjs";

/** @typedef {{ path: string, added: number, deleted: number }} Change `path` is the file's name today, however it was called then */
/** @typedef {{ at: number, who: string, author: string, subject: string, changes: Change[] }} Commit `at` in seconds; `who` tells people apart */

const LOG_MS = 15_000;

/**
 * @param {import("./git.mjs").WorkTree} tree
 * @param {(commit: Commit) => boolean} onCommit answers whether to go on
 * @param {{ signal?: AbortSignal | undefined, lines?: boolean }} [given] `lines: false` reads no file contents, so it works in a clone without them; renames are then not seen
 * @returns {Promise<"complete" | "stopped" | "time" | "bytes">} what ended it
 */
export async function followLog(tree, onCommit, { signal, lines = true } = {}) {
  /** @type {Commit | undefined} */
  let commit;
  /** @type {{ change: Change, names: string[] } | undefined} a rename: its two names follow as records of their own */
  let renamed;
  /** @type {Map<string, string>} a name in the past -> the name today */
  const nameNow = new Map();
  const identify = await readPeople(tree, signal);
  const onRecord = (/** @type {Buffer} */ bytes) => {
    const record = bytes.toString();
    if (renamed) {
      if (renamed.names.push(record) < 2) return true;
      const [before = "", after = ""] = renamed.names;
      renamed.change.path = nameNow.get(after) ?? after;
      nameNow.set(before, renamed.change.path);
      renamed = undefined;
      return true;
    }
    if (record.startsWith("\u0001")) {
      const before = commit;
      commit = toCommit(record, identify);
      return before === undefined || onCommit(before);
    }
    if (!lines) commit?.changes.push({ path: record.replace(/^\n/, ""), added: 0, deleted: 0 });
    const [, added, deleted, path = ""] = (lines && /^\n?(\d+|-)\t(\d+|-)\t([^]*)$/.exec(record)) || [];
    if (added === undefined || commit === undefined) return true;
    const change = { path: nameNow.get(path) ?? path, added: Number(added) || 0, deleted: Number(deleted) || 0 };
    commit.changes.push(change);
    if (path === "") renamed = { change, names: [] };
    return true;
  };
  const format = "--format=%x01%at%x1f%aE%x1f%aN%x1f%s";
  const what = lines ? ["--numstat", "-M", "-l400"] : ["--name-only", "--no-renames"];
  const args = [
    "log",
    "-z",
    ...what,
    "--no-merges",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules",
    "--use-mailmap",
    format,
    "HEAD",
    ...within(tree),
  ];
  const end = await readGit(tree.root, args, onRecord, { timeoutMs: LOG_MS, ...(signal ? { signal } : {}) });
  return end === "complete" && commit && !onCommit(commit) ? "complete" : end;
}

/** @param {string} record @param {(email: string) => string} identify @returns {Commit} */
function toCommit(record, identify) {
  const [at = "", email = "", author = "", ...subject] = record.slice(1).split("\u001f");
  return { at: Number(at), who: identify(email.toLowerCase()), author, subject: subject.join(" "), changes: [] };
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
