#!/usr/bin/env node
// Code scanner, an HTTP agent in the Databricks serving shape (POST /serving-endpoints/{model}/invocations): what was left to
// do (TODO, FIXME, HACK, with how long it stands there) and what should never have been committed. Secrets are shown masked.
import { isProgram } from "./parts/command-line.mjs";
import { groupBy, plural, tally } from "./parts/counting.mjs";
import { excerpt, listTracked, readEach } from "./parts/files.mjs";
import { openWorkTree, readGit } from "./parts/git.mjs";
import { isTest, languageOf, originOf, skipper } from "./parts/kinds.mjs";
import { findSecrets, withoutSecrets } from "./parts/secrets.mjs";
import { lastUserText, serveAgent } from "./parts/serve.mjs";

const MAX_KEPT = 5000;
const MAX_SHOWN = 200;
const BLAME = { files: 80, atOnce: 4, totalMs: 6000, perFileMs: 3000 };

/** @typedef {"source" | "test" | "prose"} Place */
/** @typedef {{ tag: string, path: string, line: number, text: string, place: Place, ageDays: number | null, author: string | null }} Marker */
/** @typedef {{ rule: string, severity: "high" | "medium" | "low", path: string, line: number, masked: string, place: Place }} Leak */
/** @typedef {{ markers: Marker[], leaks: Leak[], risky: string[], bytes: number, partly: number }} Found */

const markerWord = /\b(TODO|FIXME|HACK|XXX)\b(?=[\s:(.,!-]|$)/g;
/** What opens a comment. */
const commentOpening = /(?:\/\/|\/\*|^\s*\*|#|--|;|<!--|\{-|\(\*|%|"""|'''|\{#|^\s*rem\s)/i;
/** File names that hold keys or personal state by convention. */
const telling =
  /(^|\/)(\.env(\.(local|production|prod|staging))?|id_(rsa|dsa|ecdsa|ed25519)|[^/]+\.(pem|p12|pfx|jks|keystore|kdbx|ppk)|\.netrc|\.pgpass|\.htpasswd|\.npmrc|\.pypirc|credentials(\.json)?|service-account[^/]*\.json|terraform\.tfstate)$/i;
/** Certificates and settings of npm are often tracked for good reasons: they count when they hold a key. */
const oftenHarmless = /\.pem$|\.npmrc$/i;

/**
 * @param {unknown} repository absolute path of a work tree, or of a folder in one
 * @param {{ skip?: string[], signal?: AbortSignal, now?: number }} [given] `now` in ms
 */
export async function scanCode(repository, { skip = [], signal, now = Date.now() } = {}) {
  const started = performance.now();
  const tree = await openWorkTree(repository, signal);
  const { files, cut } = await listTracked(tree, signal);
  const isSkipped = skipper(skip);
  const cuts = cut ? [`Only the first ${files.length} tracked files were listed.`] : [];
  /** @type {Found} */
  const found = { markers: [], leaks: [], risky: [], bytes: 0, partly: 0 };
  const asked = files.filter((file) => file.kind === "file" && !isSkipped(file.path) && originOf(file.path) === "authored");
  const reading = await readEach(tree, asked, (file, content) => scanFile(found, file.path, content), { signal, deadlineMs: 15_000 });
  if (reading.reached < asked.length) cuts.push(`Time ran out after ${reading.reached} of ${asked.length} files.`);
  if (found.partly > 0) cuts.push(`Of ${plural(found.partly, "file")} larger than 1 MiB only the first MiB was scanned.`);
  if (found.markers.length >= MAX_KEPT) cuts.push(`Only the first ${MAX_KEPT} markers were kept.`);
  const unread = tree.head === null ? 0 : await addAges(tree, found.markers, now, signal);
  if (unread > 0) cuts.push(`The age of markers in ${plural(unread, "file")} was not looked up (limit of time or of ${BLAME.files} files).`);
  return {
    ...report(found),
    repository: tree.name,
    head: tree.head,
    filesScanned: reading.visited,
    filesLeftOut: files.length - asked.length,
    bytesScanned: found.bytes,
    cuts,
    tookMs: Math.round(performance.now() - started),
  };
}

/** @param {Found} found @param {string} path @param {import("./parts/files.mjs").FileContent} content */
function scanFile(found, path, { text, cut, size }) {
  if (telling.test(path) && (text === null || !oftenHarmless.test(path) || /PRIVATE KEY|_auth|_password/.test(text))) found.risky.push(path);
  if (text === null || originOf(path, text) !== "authored") return;
  found.bytes += Math.min(size, 2 ** 20);
  if (cut) found.partly++;
  const { family } = languageOf(path, text);
  const lineAt = lineCounter(text);
  const place = isTest(path) ? "test" : family === "prose" ? "prose" : "source";
  for (const secret of findSecrets(text)) {
    if (found.leaks.length >= MAX_KEPT) break;
    found.leaks.push({
      rule: secret.rule,
      severity: place === "source" ? secret.severity : "low",
      path,
      line: lineAt(secret.at),
      masked: secret.masked,
      place,
    });
  }
  for (const match of text.matchAll(markerWord)) {
    if (found.markers.length >= MAX_KEPT) break;
    // Not more of the line than this: in a file of one line every marker would read all of it.
    const before = text.slice(Math.max(0, match.index - 300), match.index).replace(/^[^]*\n/, "");
    const after = text.slice(match.index, match.index + 600).split("\n", 1)[0] ?? "";
    if (!isMarker(before, text[match.index + match[0].length] ?? "", family === "prose")) continue;
    found.markers.push({
      tag: match[1] ?? "",
      path,
      line: lineAt(match.index),
      text: excerpt(withoutSecrets(after), 160),
      place,
      ageDays: null,
      author: null,
    });
  }
}

/**
 * The word alone, in a string or a sentence, is no marker: it begins a comment, or stands in one with a colon or a bracket after
 * it; in prose only with a colon.
 * @param {string} before of the same line @param {string} after the next character @param {boolean} isProse
 */
function isMarker(before, after, isProse) {
  if (isProse) return after === ":";
  const opening = before.match(commentOpening)?.index;
  return opening !== undefined && (after === ":" || after === "(" || !/[\p{L}\p{N}]/u.test(before.slice(opening)));
}

/** Asked with rising positions it counts each line once. @param {string} text */
function lineCounter(text) {
  let line = 1;
  let counted = 0;
  return (/** @type {number} */ position) => {
    if (position < counted) [line, counted] = [1, 0];
    for (let at = text.indexOf("\n", counted); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) {
      line++;
      counted = at + 1;
    }
    return line;
  };
}

/**
 * Who wrote each marked line and when, for the files with the most markers.
 * @param {import("./parts/git.mjs").WorkTree} tree
 * @param {Marker[]} markers
 * @param {number} now
 * @param {AbortSignal} [signal]
 * @returns {Promise<number>} files not asked about
 */
async function addAges(tree, markers, now, signal) {
  const byFile = [...groupBy(markers, (marker) => marker.path)].sort(([, a], [, b]) => b.length - a.length);
  const queue = byFile.slice(0, BLAME.files);
  const until = performance.now() + BLAME.totalMs;
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (performance.now() > until) {
        queue.unshift(next);
        return;
      }
      await blame(tree, next[0], next[1], now, signal);
    }
  };
  await Promise.all(Array.from({ length: BLAME.atOnce }, worker));
  return byFile.length - Math.min(byFile.length, BLAME.files) + queue.length;
}

/**
 * Asks about HEAD, never the file on disk: to compare that, git would run the repository's own filters.
 * @param {import("./parts/git.mjs").WorkTree} tree
 * @param {string} path
 * @param {Marker[]} markers
 * @param {number} now
 * @param {AbortSignal} [signal]
 */
async function blame(tree, path, markers, now, signal) {
  const ranges = markers.slice(0, 50).flatMap((marker) => ["-L", `${marker.line},${marker.line}`]);
  /** @type {string[]} */
  const said = [];
  try {
    await readGit(
      tree.root,
      ["blame", "--line-porcelain", "--no-textconv", "--no-ext-diff", ...ranges, "HEAD", "--", path],
      (record) => void said.push(record.toString()),
      { timeoutMs: BLAME.perFileMs, maxBytes: 2 ** 22, ...(signal ? { signal } : {}) },
    );
  } catch (error) {
    // A file that is new or shorter in HEAD: its markers keep no age.
    if (!(error instanceof Error && "code" in error && error.code === "git_failed")) throw error;
  }
  for (const [, line = "", author = "", at = "", text = ""] of said
    .join("\0")
    .matchAll(/^[0-9a-f]{40,64} \d+ (\d+)[^\n]*\nauthor ([^\n]*)\n(?:[^\t\n][^\n]*\n)*?author-time (\d+)\n(?:[^\t\n][^\n]*\n)*\t([^\n]*)/gm)) {
    const marker = markers.find((candidate) => candidate.line === Number(line));
    if (!marker || !text.includes(marker.tag)) continue;
    marker.ageDays = Math.max(0, Math.floor((now / 1000 - Number(at)) / 86_400));
    marker.author = excerpt(author, 60);
  }
}

/** @param {Found} found */
function report({ markers, leaks, risky }) {
  const weight = { high: 0, medium: 1, low: 2 };
  const sorted = markers.toSorted((a, b) => Number(a.place !== "source") - Number(b.place !== "source") || (b.ageDays ?? -1) - (a.ageDays ?? -1));
  const worst = leaks.toSorted((a, b) => weight[a.severity] - weight[b.severity]);
  return {
    kind: "code-scan",
    markers: {
      total: markers.length,
      byTag: tally(markers.map((marker) => marker.tag)),
      byFile: tally(markers.map((marker) => marker.path)).slice(0, 15),
      items: sorted.slice(0, MAX_SHOWN),
    },
    secrets: { total: leaks.length, byRule: tally(leaks.map((leak) => leak.rule)), items: worst.slice(0, MAX_SHOWN) },
    riskyFiles: risky.slice(0, 50),
    findings: findings(sorted, worst, risky),
  };
}

/** @param {Marker[]} markers @param {Leak[]} leaks @param {string[]} risky */
function findings(markers, leaks, risky) {
  const found = [];
  for (const severity of /** @type {const} */ (["high", "medium"])) {
    const here = leaks.filter((leak) => leak.severity === severity);
    if (here.length > 0)
      found.push({
        severity,
        title: `${here.length} ${severity === "high" ? "" : "possible "}${here.length === 1 ? "secret" : "secrets"} in the source`,
        detail: tally(here.map((leak) => leak.rule))
          .map(({ name, count }) => `${name}: ${count}`)
          .join("; "),
        where: here.slice(0, 5).map((leak) => `${leak.path}:${leak.line}`),
        action: "Revoke each at its issuer first, then remove it; it stays in the history.",
      });
  }
  if (risky.length > 0)
    found.push({
      severity: "medium",
      title: `${risky.length} ${risky.length === 1 ? "file has a name that usually means" : "files have names that usually mean"} credentials`,
      detail: "Look whether they hold real ones.",
      where: risky.slice(0, 5),
      action: "Untrack what is real and add it to .gitignore.",
    });
  const source = markers.filter((marker) => marker.place === "source");
  const old = source.filter((marker) => (marker.ageDays ?? 0) > 730);
  const fixme = source.filter((marker) => marker.tag === "FIXME");
  if (fixme.length > 0)
    found.push({
      severity: "low",
      title: `${fixme.length} FIXME ${fixme.length === 1 ? "comment says" : "comments say"} something is wrong`,
      detail: "Known defects without an issue are forgotten.",
      where: fixme.slice(0, 5).map((marker) => `${marker.path}:${marker.line}`),
      action: "Fix each or open an issue for it.",
    });
  if (old.length > 0)
    found.push({
      severity: "low",
      title: `${old.length} ${old.length === 1 ? "marker is" : "markers are"} older than two years`,
      detail: `The line of the oldest was last changed ${((old[0]?.ageDays ?? 0) / 365).toFixed(1)} years ago.`,
      where: old.slice(0, 5).map((marker) => `${marker.path}:${marker.line}`),
      action: "Do them, or delete them: nobody waits for them.",
    });
  return found;
}

if (isProgram(import.meta.url)) {
  await serveAgent({
    name: "code-scanner",
    summary: "What a git repository has left to do (TODO, FIXME, HACK with their age) and the secrets in it, masked.",
    capabilities: ["code_scanning", "security_scanning", "code_analysis"],
    port: 8004,
    route: /^\/serving-endpoints\/[\w.-]+\/invocations$/,
    toAsked: ({ messages, custom_inputs: custom }) => {
      const given = /** @type {Record<string, unknown>} */ (typeof custom === "object" && custom !== null ? custom : {});
      return { repository: given.repository, text: lastUserText(messages), skip: given.skip };
    },
    toAnswer: (result) => ({
      choices: [{ index: 0, message: { role: "assistant", content: typeof result === "string" ? result : JSON.stringify(result) }, finish_reason: "stop" }],
    }),
    toRefusal: ({ code, message }) => ({ error: { message, code } }),
    work: scanCode,
  });
}
