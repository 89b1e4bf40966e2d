// The tracked files of a work tree and their text, read without following any link out of it.
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { readGit, within } from "./git.mjs";

/**
 * @typedef {object} TrackedFile
 * @property {string} path for people and programs; bytes that are not UTF-8 are shown as U+FFFD
 * @property {Buffer} raw the path as the file system knows it
 * @property {"file" | "link" | "submodule"} kind
 */
/** @typedef {{ size: number, text: string | null, cut: boolean }} FileContent `text` is null for binary files */

const MAX_FILES = 100_000;
const kinds = /** @type {const} */ ({ 120000: "link", 160000: "submodule" });

/**
 * @param {import("./git.mjs").WorkTree} tree
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ files: TrackedFile[], cut: boolean }>}
 */
export async function listTracked(tree, signal) {
  /** @type {Map<string, TrackedFile>} */
  const files = new Map();
  const end = await readGit(
    tree.root,
    ["ls-files", "-z", "--stage", ...within(tree)],
    (record) => {
      const tab = record.indexOf(9);
      const raw = Buffer.from(record.subarray(tab + 1));
      const mode = record.subarray(0, 6).toString();
      // A file in conflict is listed once per side: the key keeps one.
      files.set(raw.toString("latin1"), { path: raw.toString(), raw, kind: kinds[/** @type {keyof typeof kinds} */ (Number(mode))] ?? "file" });
      return files.size < MAX_FILES;
    },
    signal ? { signal } : {},
  );
  return { files: [...files.values()], cut: end !== "complete" };
}

/**
 * Calls `visit` with the content of each readable file, leaving the event loop free now and then.
 * @param {import("./git.mjs").WorkTree} tree
 * @param {readonly TrackedFile[]} files
 * @param {(file: TrackedFile, content: FileContent, index: number) => void} visit
 * @param {{ signal?: AbortSignal | undefined, maxBytesPerFile?: number, deadlineMs?: number }} [limits]
 * @returns {Promise<{ visited: number, unreadable: number, reached: number }>} `reached` < files.length when time ran out
 */
export async function readEach(tree, files, visit, { signal, maxBytesPerFile = 2 ** 20, deadlineMs = 20_000 } = {}) {
  const read = fileReader(tree.root, maxBytesPerFile);
  const started = performance.now();
  let visited = 0;
  let pause = started;
  for (const [index, file] of files.entries()) {
    if (performance.now() - pause > 20) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      pause = performance.now();
      if (pause - started > deadlineMs) return { visited, unreadable: index - visited, reached: index };
    }
    const content = file.kind === "file" ? read(file) : undefined;
    if (content === undefined) continue;
    visited++;
    visit(file, content, index);
  }
  return { visited, unreadable: files.length - visited, reached: files.length };
}

/**
 * @param {string} root
 * @param {number} maxBytes
 * @returns {(file: TrackedFile) => FileContent | undefined} undefined when missing, a link, or outside by way of a link
 */
export function fileReader(root, maxBytes) {
  const buffer = Buffer.allocUnsafe(maxBytes);
  /** @type {Map<string, boolean>} */
  const inside = new Map();
  const isInside = (/** @type {string} */ folder) => {
    const known = inside.get(folder);
    if (known !== undefined) return known;
    const answer = orUndefined(() => realpathSync(Buffer.from(folder, "latin1"), "buffer").toString("latin1")) === folder;
    inside.set(folder, answer);
    return answer;
  };
  return (file) => {
    const path = Buffer.concat([Buffer.from(`${root}/`), file.raw]);
    // latin1 keeps every byte, so that a name that is not UTF-8 compares exactly.
    if (!isInside(dirname(path.toString("latin1")))) return undefined;
    return orUndefined(() => readOpened(openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK), buffer));
  };
}

/**
 * @param {number} handle
 * @param {Buffer} buffer
 * @returns {FileContent | undefined}
 */
function readOpened(handle, buffer) {
  try {
    const facts = fstatSync(handle);
    if (!facts.isFile()) return undefined;
    let length = 0;
    while (length < buffer.length) {
      const got = readSync(handle, buffer, length, buffer.length - length, null);
      if (got === 0) break;
      length += got;
    }
    const bytes = buffer.subarray(0, length);
    const binary = bytes.subarray(0, 8000).includes(0);
    return { size: facts.size, text: binary ? null : bytes.toString(), cut: facts.size > length };
  } finally {
    closeSync(handle);
  }
}

/**
 * What the file system refuses (gone, forbidden, a link) is an answer here; anything else is a bug and thrown on.
 * @template T
 * @param {() => T} act
 * @returns {T | undefined}
 */
function orUndefined(act) {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) return undefined;
    throw error;
  }
}

/** @param {string} text */
export const countLines = (text) => {
  let lines = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
};

/**
 * One line fit for a report: no control characters, no half characters, not longer than `max`.
 * @param {string} text
 * @param {number} max
 */
export function excerpt(text, max) {
  const clean = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return (clean.length > max ? `${clean.slice(0, max - 1)}…` : clean).toWellFormed();
}
