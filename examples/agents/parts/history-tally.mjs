// The history of a repository as counts: per author, month, file and folder, and which files changed in one commit.
import { excerpt } from "./files.mjs";

export const DAY = 86_400;
/** A commit that touches more files (a format run, a move) says nothing about which files belong together. */
const MAX_TOGETHER = 30;

/** @typedef {import("./git-log.mjs").Commit} Commit */
/** @typedef {{ commits: number, recent: number, fixes: number, recentAdded: number, recentDeleted: number, lastAt: number, authors: Map<string, number> }} Past */
/** @typedef {{ name: string, bot: boolean, commits: number, recent: number, firstAt: number, lastAt: number }} Author */
/** @typedef {{ total: number, firstAt: number, lastAt: number, authors: Map<string, Author>, months: Map<string, { commits: number, authors: Set<string> }>, files: Map<string, Past>, folders: Map<string, Past>, together: string[][] }} Tally */

/** @returns {Tally} */
export const newTally = () => ({
  total: 0,
  firstAt: Number.POSITIVE_INFINITY,
  lastAt: 0,
  authors: new Map(),
  months: new Map(),
  files: new Map(),
  folders: new Map(),
  together: [],
});

/** @param {Tally} tally @param {Commit} commit @param {number} now @returns {number} commits so far */
export function addCommit(tally, commit, now) {
  const isFix = /\b(fix(es|ed)?|bug(fix)?|hotfix|revert(s|ed)?|regression)\b/i.test(commit.subject);
  tally.firstAt = Math.min(tally.firstAt, commit.at);
  tally.lastAt = Math.max(tally.lastAt, commit.at);
  addAuthor(tally, commit, now);
  const month = entry(tally.months, new Date(commit.at * 1000).toISOString().slice(0, 7), () => ({ commits: 0, authors: new Set() }));
  month.commits++;
  month.authors.add(commit.who);
  for (const path of new Set(commit.paths)) addTo(entry(tally.files, path, newPast), commit, isFix, now);
  for (const folder of new Set(commit.paths.map(folderOf))) addTo(entry(tally.folders, folder, newPast), commit, isFix, now);
  const isBot = tally.authors.get(commit.who)?.bot ?? false;
  if (!isBot && commit.paths.length > 1 && commit.paths.length <= MAX_TOGETHER) tally.together.push(commit.paths);
  return ++tally.total;
}

/** @param {Tally} tally @param {Commit} commit @param {number} now */
function addAuthor(tally, commit, now) {
  const bot = /\bbot\b|\b(dependabot|renovate|greenkeeper|github-actions|jenkins|semantic-release)\b/i.test(`${commit.author} ${commit.who}`);
  const author = entry(tally.authors, commit.who, () => ({
    name: excerpt(commit.author, 60) || "(no name)",
    bot,
    commits: 0,
    recent: 0,
    firstAt: commit.at,
    lastAt: commit.at,
  }));
  author.commits++;
  author.firstAt = Math.min(author.firstAt, commit.at);
  author.lastAt = Math.max(author.lastAt, commit.at);
  if (commit.at > now - 365 * DAY) author.recent++;
}

/** @returns {Past} */
const newPast = () => ({ commits: 0, recent: 0, fixes: 0, recentAdded: 0, recentDeleted: 0, lastAt: 0, authors: new Map() });
/** @param {Past} past @param {Commit} commit @param {boolean} isFix @param {number} now */
function addTo(past, commit, isFix, now) {
  past.commits++;
  if (isFix) past.fixes++;
  if (commit.at > now - 365 * DAY) past.recent++;
  past.lastAt = Math.max(past.lastAt, commit.at);
  past.authors.set(commit.who, (past.authors.get(commit.who) ?? 0) + 1);
}
/** @template T @param {Map<string, T>} map @param {string} key @param {() => T} create @returns {T} */
export function entry(map, key, create) {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = create();
  map.set(key, made);
  return made;
}

/** One level deep, two where the first only groups packages. @param {string} path */
function folderOf(path) {
  const parts = path.split("/");
  const depth = /^(packages|apps|libs|crates|modules|services|plugins|src|cmd|internal|components)$/.test(parts[0] ?? "") && parts.length > 2 ? 2 : 1;
  return parts.length === 1 ? "(top level)" : `${parts.slice(0, depth).join("/")}/`;
}
