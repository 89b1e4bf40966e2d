#!/usr/bin/env node
// History analyst, an HTTP agent in the CrewAI shape (POST /kickoff): where change concentrates in a git repository, who knows
// which part, what changes together, and how active it is. Streams `git log` newest first and stops at its limits.
import { isProgram } from "./parts/command-line.mjs";
import { plural } from "./parts/counting.mjs";
import { countLines, fileReader, listTracked } from "./parts/files.mjs";
import { followLines, followLog } from "./parts/git-log.mjs";
import { askGit, openWorkTree, within } from "./parts/git.mjs";
import { DAY, addCommit, entry, newTally } from "./parts/history-tally.mjs";
import { isTest, languageOf, originOf, skipper } from "./parts/kinds.mjs";
import { Refusal } from "./parts/refusal.mjs";
import { serveAgent } from "./parts/serve.mjs";

const MAX_COMMITS = 25_000;
/** Commits whose added and deleted lines are counted. */
const MAX_LINED = 2000;

/** @typedef {import("./parts/git-log.mjs").Commit} Commit */
/** @typedef {import("./parts/history-tally.mjs").Past} Past */
/** @typedef {import("./parts/history-tally.mjs").Tally} Tally */

/**
 * @param {unknown} repository absolute path of a work tree, or of a folder in one
 * @param {{ skip?: string[], signal?: AbortSignal, now?: number, maxCommits?: number }} [given] `skip`: files and folders that are not the authors' own; `now` in ms
 */
export async function analyseHistory(repository, { skip = [], signal, now = Date.now(), maxCommits = MAX_COMMITS } = {}) {
  const started = performance.now();
  const tree = await openWorkTree(repository, signal);
  const cuts = tree.shallow ? ["The clone is shallow: commits before its depth are not here, so ages and counts are lower bounds."] : [];
  const { files } = await listTracked(tree, signal);
  const known = new Map(files.filter((file) => file.kind === "file").map((file) => [file.path, file]));
  const tally = tree.head === null ? newTally() : await tallyLog(tree, { now: now / 1000, maxCommits, signal, cuts });
  if (tree.head === null) cuts.push("There are no commits yet.");
  const isSkipped = skipper(skip);
  const alive = [...tally.files].filter(([path]) => known.has(path));
  const own = alive.filter(([path]) => !isSkipped(path) && originOf(path) === "authored");
  const hotspots = rankHotspots(own, codeLines(tree, known), 20);
  const folders = rankFolders(tally, now / 1000);
  return {
    kind: "history-analysis",
    repository: tree.name,
    head: tree.head,
    commits: tally.total,
    merges: tree.head === null ? 0 : Number(await askGit(tree.root, ["rev-list", "--merges", "--count", "HEAD", ...within(tree)], signal ? { signal } : {})),
    authors: tally.authors.size,
    firstCommitAt: day(tally.firstAt),
    lastCommitAt: day(tally.lastAt),
    people: rankPeople(tally).slice(0, 20),
    activity: months(tally, now, 36),
    hotspots,
    folders: folders.slice(0, 25),
    together: rankTogether(tally, new Set(own.map(([path]) => path))).slice(0, 20),
    ages: ages(alive, now / 1000),
    findings: findings(hotspots, folders, tally, now / 1000),
    cuts,
    tookMs: Math.round(performance.now() - started),
  };
}

/**
 * @param {import("./parts/git.mjs").WorkTree} tree
 * @param {{ now: number, maxCommits: number, signal: AbortSignal | undefined, cuts: string[], renames?: boolean }} given
 * @returns {Promise<Tally>}
 */
async function tallyLog(tree, { renames = true, ...given }) {
  const { cuts, signal } = given;
  const tally = newTally();
  const onCommit = (/** @type {Commit} */ commit) => addCommit(tally, commit, given.now) < given.maxCommits;
  try {
    const { end, nameNow } = await followLog(tree, onCommit, { signal, renames });
    if (end !== "complete")
      cuts.push(`${end === "stopped" ? "The limit of commits was reached" : "Time ran out"}: only the newest ${tally.total} commits were read.`);
    if (renames) await addRecentLines(tree, tally, nameNow, given);
    return tally;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "git_failed" || !renames) throw error;
    cuts.push("Contents of past files are missing in this clone: changes are counted, their lines are not, and renames are not followed.");
    return tallyLog(tree, { ...given, renames: false });
  }
}

/** @param {import("./parts/git.mjs").WorkTree} tree @param {Tally} tally @param {Map<string, string>} nameNow @param {{ now: number, signal: AbortSignal | undefined, cuts: string[] }} given */
async function addRecentLines(tree, tally, nameNow, { now, signal, cuts }) {
  const onLines = (/** @type {string} */ path, /** @type {number} */ added, /** @type {number} */ deleted) => {
    const past = tally.files.get(path);
    if (past === undefined) return;
    past.recentAdded += added;
    past.recentDeleted += deleted;
  };
  const recent = [...tally.authors.values()].reduce((sum, author) => sum + author.recent, 0);
  if (recent > MAX_LINED) cuts.push(`Lines added and deleted are those of the newest ${MAX_LINED} commits, not of the whole year.`);
  const end = await followLines(tree, onLines, { since: now - 365 * DAY, most: MAX_LINED, nameNow, signal });
  if (end !== "complete") cuts.push("Time ran out while lines added and deleted were counted: they are lower bounds.");
}

/** @param {import("./parts/git.mjs").WorkTree} tree @param {Map<string, import("./parts/files.mjs").TrackedFile>} known */
function codeLines(tree, known) {
  const read = fileReader(tree.root, 2 ** 20);
  return (/** @type {string} */ path) => {
    const file = known.get(path);
    const text = file ? read(file)?.text : undefined;
    return !text || originOf(path, text) !== "authored" || languageOf(path, text).family !== "code" ? 0 : countLines(text);
  };
}

/** @param {number} seconds */
const day = (seconds) => (Number.isFinite(seconds) && seconds > 0 ? new Date(seconds * 1000).toISOString().slice(0, 10) : null);

/** What is both large and often changed costs most. @param {[string, Past][]} files @param {(path: string) => number} linesOf @param {number} count */
function rankHotspots(files, linesOf, count) {
  const busiest = files.toSorted(([, a], [, b]) => b.commits - a.commits).slice(0, 300);
  const sized = busiest.map(([path, past]) => ({ path, past, lines: linesOf(path) })).filter((file) => file.lines > 0);
  const most = { commits: Math.max(1, ...sized.map((file) => file.past.commits)), lines: Math.max(1, ...sized.map((file) => file.lines)) };
  return sized
    .map(({ path, past, lines }) => ({
      path,
      score: Math.round(100 * Math.sqrt((past.commits / most.commits) * (lines / most.lines))),
      commits: past.commits,
      recentCommits: past.recent,
      fixes: past.fixes,
      recentAdded: past.recentAdded,
      recentDeleted: past.recentDeleted,
      authors: past.authors.size,
      lines,
      test: isTest(path),
      lastChangedAt: day(past.lastAt),
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, count);
}

/** Bus factor: the fewest people who together made half of a folder's commits. @param {Tally} tally @param {number} now */
function rankFolders(tally, now) {
  return [...tally.folders]
    .map(([folder, past]) => {
      const people = [...past.authors].filter(([who]) => !tally.authors.get(who)?.bot).sort(([, a], [, b]) => b - a);
      const all = people.reduce((sum, [, commits]) => sum + commits, 0);
      let busFactor = 0;
      for (let covered = 0; covered * 2 < all; busFactor++) covered += people[busFactor]?.[1] ?? all;
      const [top, topCommits] = people[0] ?? ["", 0];
      return {
        folder,
        commits: past.commits,
        recentCommits: past.recent,
        authors: people.length,
        busFactor,
        topAuthor: tally.authors.get(top)?.name ?? null,
        topShare: all === 0 ? 0 : round(topCommits / all),
        topLastAt: day(tally.authors.get(top)?.lastAt ?? 0),
        topIsGone: (tally.authors.get(top)?.lastAt ?? now) < now - 365 * DAY,
        lastChangedAt: day(past.lastAt),
      };
    })
    .sort((a, b) => b.commits - a.commits);
}

/** @param {Tally} tally @param {Set<string>} own */
function rankTogether(tally, own) {
  /** @type {Map<string, Map<string, number>>} */
  const pairs = new Map();
  const counts = (/** @type {string} */ path) => own.has(path) && languageOf(path).family === "code" && (tally.files.get(path)?.commits ?? 0) >= 5;
  for (const commit of tally.together) {
    const paths = [...new Set(commit)].filter(counts).sort();
    for (const [index, a] of paths.entries()) {
      const row = entry(pairs, a, () => new Map());
      for (const b of paths.slice(index + 1)) row.set(b, (row.get(b) ?? 0) + 1);
    }
  }
  return [...pairs]
    .flatMap(([a, row]) =>
      [...row]
        .filter(([, together]) => together >= 5)
        .map(([b, together]) => ({ a, b, together, share: round(together / Math.min(tally.files.get(a)?.commits ?? 1, tally.files.get(b)?.commits ?? 1)) })),
    )
    .filter((pair) => pair.share >= 0.5)
    .sort((x, y) => y.share * Math.log(y.together) - x.share * Math.log(x.together));
}

/** @param {number} value */
const round = (value) => Math.round(value * 100) / 100;
/** @param {Tally} tally */
const rankPeople = (tally) =>
  [...tally.authors.values()]
    .sort((a, b) => b.commits - a.commits)
    .map(({ firstAt, lastAt, recent, ...author }) => ({ ...author, recentCommits: recent, firstAt: day(firstAt), lastAt: day(lastAt) }));

/** Every month of the last `count`, the quiet ones too. @param {Tally} tally @param {number} now @param {number} count */
function months(tally, now, count) {
  const today = new Date(now);
  return Array.from({ length: count }, (_, index) => {
    const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - count + 1 + index, 1)).toISOString().slice(0, 7);
    const { commits = 0, authors } = tally.months.get(month) ?? {};
    return { month, commits, authors: authors?.size ?? 0 };
  });
}

/** How long ago today's files were last changed. @param {[string, Past][]} alive @param {number} now */
function ages(alive, now) {
  const limits = /** @type {const} */ ([
    ["under a month", 30],
    ["1 to 6 months", 182],
    ["6 to 12 months", 365],
    ["1 to 2 years", 730],
    ["over 2 years", Number.POSITIVE_INFINITY],
  ]);
  const counts = limits.map(([age]) => ({ age, files: 0 }));
  for (const [, past] of alive) {
    const count = counts[limits.findIndex(([, days]) => now - past.lastAt <= days * DAY)];
    if (count) count.files++;
  }
  return counts;
}

/** @param {ReturnType<typeof rankHotspots>} hotspots @param {ReturnType<typeof rankFolders>} folders @param {Tally} tally @param {number} now */
function findings(hotspots, folders, tally, now) {
  const found = [];
  const hot = hotspots.filter((file) => !file.test && file.recentCommits >= 5 && file.lines >= 300).slice(0, 5);
  if (hot.length > 0)
    found.push({
      severity: "medium",
      title: `${hot.length === 1 ? "One file is" : `${hot.length} files are`} both large and often changed`,
      detail: hot
        .map((file) => `${file.commits} commits (${file.recentCommits} in the last year, ${file.fixes} of all of them fixes) on ${plural(file.lines, "line")}`)
        .join("; "),
      where: hot.map((file) => file.path),
      action: "Split along what changes together, and cover it with tests before the next change.",
    });
  const alone = folders.filter((folder) => folder.busFactor === 1 && folder.topShare >= 0.8 && folder.recentCommits >= 10).slice(0, 5);
  if (alone.length > 0 && tally.authors.size > 1)
    found.push({
      severity: "medium",
      title: `${alone.length === 1 ? "One active folder is" : `${alone.length} active folders are`} known to one person`,
      detail: alone.map((folder) => `${folder.topAuthor}: ${Math.round(folder.topShare * 100)} % of ${folder.commits} commits`).join("; "),
      where: alone.map((folder) => folder.folder),
      action: "Pair or rotate reviews there.",
    });
  const orphaned = folders.filter((folder) => folder.topIsGone && folder.topShare >= 0.5 && folder.recentCommits > 0).slice(0, 5);
  if (orphaned.length > 0)
    found.push({
      severity: "medium",
      title: `${orphaned.length === 1 ? "One folder still changes" : `${orphaned.length} folders still change`} after its main author left`,
      detail: orphaned
        .map((folder) => `${folder.topAuthor} made ${Math.round(folder.topShare * 100)} % of the commits, last seen ${folder.topLastAt}`)
        .join("; "),
      where: orphaned.map((folder) => folder.folder),
      action: "Name an owner for each.",
    });
  if (tally.total > 0 && tally.lastAt < now - 365 * DAY)
    found.push({
      severity: "low",
      title: "No commit in the last year",
      detail: `The last one is of ${day(tally.lastAt)}.`,
      where: [],
      action: "Say in the README whether it is finished or abandoned.",
    });
  return found;
}

if (isProgram(import.meta.url)) {
  await serveAgent({
    name: "history-analyst",
    summary: "Where change concentrates in a git repository, who knows which part, and what changes together.",
    capabilities: ["history_analysis", "code_analysis"],
    port: 8003,
    route: /^\/kickoff$/,
    toAsked: ({ inputs }) => {
      const given = /** @type {Record<string, unknown>} */ (typeof inputs === "object" && inputs !== null ? inputs : {});
      return { repository: given.repository, text: given.topic, skip: given.skip };
    },
    toAnswer: (result) => ({ result, workflow: [], success: true }),
    toRefusal: ({ code, message }) => ({ result: null, success: false, error: message, code }),
    work: analyseHistory,
  });
}
