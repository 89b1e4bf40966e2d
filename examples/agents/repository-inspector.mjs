#!/usr/bin/env node
// Repository inspector, a `process` agent: what a git repository is made of. Languages by files and lines, sizes, the largest
// files, and which files are binary, generated or vendored. Reads tracked files only and runs nothing of the repository.
import { isProgram, runProgram } from "./parts/command-line.mjs";
import { plural } from "./parts/counting.mjs";
import { countLines, listTracked, readEach } from "./parts/files.mjs";
import { openWorkTree } from "./parts/git.mjs";
import { isTest, languageOf, originOf } from "./parts/kinds.mjs";
import { Refusal } from "./parts/refusal.mjs";

/** @typedef {import("./parts/files.mjs").TrackedFile} TrackedFile */
/** @typedef {{ path: string, bytes: number, lines: number, nonBlank: number, language: string, family: string, origin: string, binary: boolean, test: boolean }} Looked */

const MAX_SKIP = 2000;

/**
 * @param {unknown} repository absolute path of a work tree, or of a folder in one
 * @param {{ signal?: AbortSignal, progress?: (fraction: number, message: string) => void }} [given]
 */
export async function inspectRepository(repository, { signal, progress } = {}) {
  const started = performance.now();
  const tree = await openWorkTree(repository, signal);
  const { files, cut } = await listTracked(tree, signal);
  progress?.(0.05, `${files.length} tracked files`);
  /** @type {Looked[]} */
  const looked = [];
  const cuts = cut ? [`Only the first ${files.length} tracked files were listed.`] : [];
  let unfinished = 0;
  const reading = await readEach(
    tree,
    files,
    (file, content, index) => {
      looked.push(look(file, content));
      if (content.cut && content.text !== null) unfinished++;
      if (index > 0 && index % 1000 === 0) progress?.(0.05 + (0.9 * index) / files.length, `${index} of ${files.length} files read`);
    },
    { signal },
  );
  if (reading.reached < files.length) cuts.push(`Time ran out after ${reading.reached} of ${files.length} files; the rest is not counted.`);
  if (unfinished > 0) cuts.push(`Of ${plural(unfinished, "text file")} larger than 1 MiB only the lines of the first MiB are counted.`);
  return {
    ...summarise(tree, files, looked),
    unreadable: files.filter((file) => file.kind === "file").length - looked.length,
    cuts,
    tookMs: Math.round(performance.now() - started),
  };
}

/**
 * @param {TrackedFile} file
 * @param {import("./parts/files.mjs").FileContent} content
 * @returns {Looked}
 */
function look(file, { size, text }) {
  const { language, family } = languageOf(file.path, text);
  const lines = text === null ? 0 : countLines(text);
  const nonBlank = text === null ? 0 : lines - blankLines(text);
  return {
    path: file.path,
    bytes: size,
    lines,
    nonBlank,
    language: text === null ? "Binary" : language,
    family: text === null ? "binary" : family,
    origin: originOf(file.path, text),
    binary: text === null,
    test: isTest(file.path),
  };
}

/** @param {string} text */
const blankLines = (text) => text.match(/^[ \t]*\r?\n/gm)?.length ?? 0;

/**
 * @param {import("./parts/git.mjs").WorkTree} tree
 * @param {TrackedFile[]} files
 * @param {Looked[]} looked
 */
function summarise(tree, files, looked) {
  const authored = looked.filter((file) => file.origin === "authored" && !file.binary);
  const languages = group(
    authored.filter((file) => file.family !== "other"),
    (file) => file.language,
  );
  const primary = languages.find((entry) => entry.family === "code") ?? languages[0];
  const skip = foldersFirst(looked.filter((file) => file.origin !== "authored"));
  return {
    kind: "repository-inspection",
    repository: tree.name,
    head: tree.head,
    branch: tree.branch,
    scope: tree.scope,
    shallow: tree.shallow,
    primaryLanguage: primary?.language ?? null,
    totals: {
      files: files.length,
      bytes: sum(looked, "bytes"),
      lines: sum(looked, "lines"),
      authoredFiles: authored.length,
      authoredLines: sum(authored, "lines"),
      codeLines: sum(
        authored.filter((file) => file.family === "code"),
        "nonBlank",
      ),
      testFiles: authored.filter((file) => file.test && file.family === "code").length,
    },
    origins: /** @type {const} */ (["authored", "generated", "vendored"])
      .map((origin) =>
        total(
          origin,
          looked.filter((file) => file.origin === origin && !file.binary),
        ),
      )
      .concat(
        total(
          "binary",
          looked.filter((file) => file.binary),
        ),
      ),
    languages: languages.slice(0, 40),
    folders: group(looked, (file) =>
      file.path.includes("/", tree.scope.length) ? file.path.slice(0, file.path.indexOf("/", tree.scope.length) + 1) : "(top level)",
    )
      .slice(0, 25)
      .map(({ language, ...entry }) => ({ folder: language, files: entry.files, lines: entry.lines, bytes: entry.bytes })),
    largestFiles: largest(looked, "bytes", 10),
    longestSources: largest(
      authored.filter((file) => file.family === "code"),
      "lines",
      10,
    ),
    links: files.filter((file) => file.kind === "link").length,
    submodules: files
      .filter((file) => file.kind === "submodule")
      .map((file) => file.path)
      .slice(0, 50),
    /** Files, and folders ending in "/", that later steps need not judge. */
    skip: skip.slice(0, MAX_SKIP),
    findings: findings(looked, skip.length),
  };
}

/** @param {Looked[]} files @param {"bytes" | "lines" | "nonBlank"} key */
const sum = (files, key) => files.reduce((all, file) => all + file[key], 0);
/** @param {string} origin @param {Looked[]} files */
const total = (origin, files) => ({ origin, files: files.length, lines: sum(files, "lines"), bytes: sum(files, "bytes") });
/** @param {Looked[]} files @param {"bytes" | "lines"} key @param {number} count */
const largest = (files, key, count) =>
  files
    .toSorted((a, b) => b[key] - a[key])
    .slice(0, count)
    .map(({ path, bytes, lines, language, origin, binary }) => ({ path, bytes, lines, language, origin: binary ? "binary" : origin }));

/** @param {Looked[]} files @param {(file: Looked) => string} keyOf */
function group(files, keyOf) {
  /** @type {Map<string, { language: string, family: string, files: number, lines: number, nonBlank: number, bytes: number }>} */
  const groups = new Map();
  for (const file of files) {
    const key = keyOf(file);
    const entry = groups.get(key) ?? { language: key, family: file.family, files: 0, lines: 0, nonBlank: 0, bytes: 0 };
    groups.set(key, {
      ...entry,
      files: entry.files + 1,
      lines: entry.lines + file.lines,
      nonBlank: entry.nonBlank + file.nonBlank,
      bytes: entry.bytes + file.bytes,
    });
  }
  return [...groups.values()].sort((a, b) => b.lines - a.lines || b.files - a.files);
}

/** Vendored files by their folder, so that ten thousand of them are one entry. @param {Looked[]} files */
function foldersFirst(files) {
  const folder = /^(?:.*?\/)?(?:node_modules|bower_components|vendors?|third[_-]party|Pods|Carthage|Godeps|external|extern|site-packages|dist)\//i;
  return [...new Set(files.map((file) => folder.exec(file.path)?.[0] ?? file.path))];
}

/** @param {Looked[]} looked @param {number} skipped */
function findings(looked, skipped) {
  const found = [];
  const heavy = looked.filter((file) => file.binary && file.bytes > 5 * 2 ** 20);
  if (heavy.length > 0)
    found.push({
      severity: "medium",
      title: `${heavy.length} binary ${heavy.length === 1 ? "file is" : "files are"} larger than 5 MiB`,
      detail: "Every clone carries every version of them for ever.",
      where: heavy.slice(0, 5).map((file) => file.path),
      action: "Move them to Git LFS or a release asset.",
    });
  const modules = looked.filter((file) => !file.test && /(^|\/)node_modules\//.test(file.path)).length;
  if (modules > 0)
    found.push({
      severity: "medium",
      title: `${modules} files of node_modules are tracked`,
      detail: "They are installed from the lock file.",
      where: ["node_modules/"],
      action: "Untrack them and add node_modules to .gitignore.",
    });
  const long = looked
    .filter((file) => file.family === "code" && file.origin === "authored" && !file.test && file.lines > 1500)
    .sort((a, b) => b.lines - a.lines);
  if (long.length > 0)
    found.push({
      severity: "low",
      title: `${long.length} source ${long.length === 1 ? "file has" : "files have"} more than 1,500 lines`,
      detail: `The longest has ${plural(long[0]?.lines ?? 0, "line")}.`,
      where: long.slice(0, 5).map((file) => `${file.path} (${file.lines})`),
      action: "Split those that change often; see the hot-spots.",
    });
  if (skipped > MAX_SKIP)
    found.push({
      severity: "low",
      title: `${skipped} generated or vendored entries are tracked`,
      detail: "Only the first 2,000 were left out of the later steps.",
      where: [],
      action: "Generate them in the build instead.",
    });
  return found;
}

/** Baton's way: one line of JSON on stdin is the work, the last line on stdout is the answer. @param {AbortSignal} signal */
async function carryOutWork(signal) {
  let line = "";
  for await (const chunk of process.stdin) if ((line += chunk).includes("\n")) break;
  const work = parseWork(line);
  const progress = (/** @type {number} */ fraction, /** @type {string} */ message) =>
    process.stdout.write(`${JSON.stringify({ progress: { fraction, message } })}\n`);
  return JSON.stringify(await inspectRepository(work?.input?.repository ?? work?.context?.task?.repository, { signal, progress }));
}

/** @param {string} line */
function parseWork(line) {
  try {
    return JSON.parse(line.split("\n", 1)[0] ?? "");
  } catch {
    throw new Refusal("usage", 'Give the path of a repository, or one line of JSON on stdin: {"input":{"repository":"/path"}}.');
  }
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: "repository-inspector",
    summary: "What a git repository is made of: languages, sizes, largest files; binary, generated and vendored told apart.",
    usage: `repository-inspector.mjs /path/to/repository      print the inspection as JSON
repository-inspector.mjs < work.json              one line of JSON in, progress lines and one line of JSON out`,
    run: ({ paths, signal }) => (paths[0] === undefined ? carryOutWork(signal) : inspectRepository(paths[0], { signal })),
  });
}
