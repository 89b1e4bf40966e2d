// Runs git over a repository nobody vouches for: nothing that the repository configures may run, nothing goes to the
// network or waits for a terminal, and everything ends (by time, by bytes, or when the reader has enough).
import { spawn } from "node:child_process";
import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { Refusal } from "./refusal.mjs";

/**
 * @typedef {object} WorkTree
 * @property {string} root absolute, links resolved
 * @property {string} scope folder below the root that was asked for, "" for all of it, else "folder/"
 * @property {string} name
 * @property {string | null} head null before the first commit
 * @property {string | null} branch
 * @property {boolean} shallow
 */

/** Whatever could start a program: hooks, file monitors, pagers, external diffs, signature checks, transports. */
const HARMLESS = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.attributesFile", "/dev/null"],
  ["core.pager", "cat"],
  ["diff.external", ""],
  ["log.showSignature", "false"],
  ["protocol.allow", "never"],
  ["submodule.recurse", "false"],
  ["gc.auto", "0"],
  ["i18n.logOutputEncoding", "UTF-8"],
  // Reading another user's repository is what the caller asked for, and nothing in it is carried out.
  ["safe.directory", "*"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

/** @param {string} root */
const environment = (root) => ({
  PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  // A list that names no transport: the repository's own `protocol.*.allow` cannot widen it.
  GIT_ALLOW_PROTOCOL: "none",
  GIT_CEILING_DIRECTORIES: dirname(root),
});

/**
 * @typedef {object} GitLimits
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutMs] default 20 s
 * @property {number} [maxBytes] default 256 MB
 */

/**
 * Feeds NUL-terminated records to `onRecord` as they come; it answers `false` to stop.
 * @param {string} root
 * @param {string[]} args
 * @param {(record: Buffer) => boolean | void} onRecord
 * @param {GitLimits} [limits]
 * @returns {Promise<"complete" | "stopped" | "time" | "bytes">} what ended it
 */
export async function readGit(root, args, onRecord, { signal, timeoutMs = 20_000, maxBytes = 256 * 2 ** 20 } = {}) {
  signal?.throwIfAborted();
  const child = spawn("git", ["-C", root, `--work-tree=${root}`, "--no-pager", "--no-optional-locks", "--literal-pathspecs", ...HARMLESS, ...args], {
    env: environment(root),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  /** @type {"complete" | "stopped" | "time" | "bytes"} */
  let end = "complete";
  const stop = (/** @type {"stopped" | "time" | "bytes"} */ why) => {
    if (end === "complete") end = why;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(stop, timeoutMs, "time");
  const onAbort = () => stop("stopped");
  signal?.addEventListener("abort", onAbort, { once: true });
  let complaint = "";
  child.stderr.on("data", (/** @type {Buffer} */ chunk) => {
    complaint = (complaint + chunk.toString()).slice(0, 2000);
  });
  const split = recordSplitter(onRecord);
  let bytes = 0;
  child.stdout.on("data", (/** @type {Buffer} */ chunk) => {
    bytes += chunk.length;
    if (end === "complete" && !split(chunk)) stop("stopped");
    if (bytes > maxBytes) stop("bytes");
  });
  try {
    const code = await exited;
    signal?.throwIfAborted();
    if (end === "complete" && code !== 0) throw new Refusal("git_failed", `git ${args[0]} failed: ${complaint.trim() || `exit code ${code}`}`);
    if (end === "complete") split(Buffer.from([0]), true);
    return end;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new Refusal("git_missing", "git was not found on the PATH.");
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** @param {(record: Buffer) => boolean | void} onRecord */
function recordSplitter(onRecord) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  return (/** @type {Buffer} */ chunk, /** @type {boolean} */ last = false) => {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let at = data.indexOf(0); at >= 0; at = data.indexOf(0, from)) {
      const record = data.subarray(from, at);
      from = at + 1;
      if ((!last || record.length > 0) && onRecord(record) === false) return false;
    }
    rest = data.subarray(from);
    return true;
  };
}

/**
 * All that git says, as text.
 * @param {string} root
 * @param {string[]} args
 * @param {GitLimits} [limits]
 */
export async function askGit(root, args, limits) {
  /** @type {string[]} */
  const records = [];
  const end = await readGit(root, args, (record) => void records.push(record.toString()), { maxBytes: 16 * 2 ** 20, ...limits });
  if (end !== "complete") throw new Refusal("git_too_slow", `git ${args[0]} was ended by its limit of ${end}.`);
  return records.join("\0").trimEnd();
}

/** The arguments that narrow a command to what was asked for. @param {WorkTree} tree */
export const within = (tree) => (tree.scope === "" ? [] : ["--", tree.scope]);

/**
 * @param {unknown} path absolute; a folder inside a work tree narrows everything to that folder
 * @param {AbortSignal} [signal]
 * @returns {Promise<WorkTree>}
 */
export async function openWorkTree(path, signal) {
  if (typeof path !== "string" || path === "") throw new Refusal("repository_missing", "Say which repository: the absolute path of a git work tree.");
  if (!isAbsolute(path) || path.includes("\0")) throw new Refusal("bad_path", `The repository must be an absolute path; ${JSON.stringify(path)} is not.`);
  const folder = await realpath(path).catch(() => {
    throw new Refusal("not_found", `${path} does not exist or may not be read.`);
  });
  if (!(await stat(folder)).isDirectory()) throw new Refusal("not_a_work_tree", `${path} is not a folder.`);
  const root = await rootOf(folder);
  if (root === undefined) throw new Refusal("not_a_work_tree", `${path} is not inside a git work tree (no .git in it or above it).`);
  const scope = relative(root, folder).split(sep).join("/");
  const limits = signal ? { signal } : {};
  // Answers with an error for anything that only looks like a repository.
  const shallow = await askGit(root, ["rev-parse", "--is-shallow-repository"], limits);
  const head = await askGit(root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], limits).catch(nothing);
  const branch = await askGit(root, ["symbolic-ref", "--quiet", "--short", "HEAD"], limits).catch(nothing);
  const name = scope === "" ? basename(root) : `${basename(root)}/${scope}`;
  return { root, scope: scope === "" ? "" : `${scope}/`, name, head, branch, shallow: shallow === "true" };
}

/** @param {unknown} error @returns {null} */
function nothing(error) {
  if (error instanceof Refusal) return null;
  throw error;
}

/**
 * The nearest folder with a `.git`. Not asked of git: a repository's own `core.worktree` could name any folder of the machine.
 * @param {string} folder
 * @returns {Promise<string | undefined>}
 */
async function rootOf(folder) {
  const found = await lstat(join(folder, ".git")).catch(() => undefined);
  if (found && (found.isDirectory() || found.isFile())) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : rootOf(above);
}
