// The sections of the report: each turns what one agent found into tables a person reads. Tolerates missing fields, since
// what it is given crossed two processes; trusts none of the text in it.
import { plural } from "./counting.mjs";
import { bars, code, count, percent, plain, size, table } from "./markdown.mjs";

/** @typedef {Record<string, any>} Found what an agent answered: JSON as it came */
/** @typedef {{ severity: string, title: string, detail: string, where: string[], action: string, source: string }} Ranked */

const ROWS = 12;

/** @param {unknown} value @returns {Found[]} */
const rowsOf = (value) => (Array.isArray(value) ? value.filter((entry) => typeof entry === "object" && entry !== null) : []);
/** @param {(string | false | undefined)[]} blocks */
const section = (...blocks) => blocks.filter(Boolean).join("\n\n");
/** A table under its title, with how much of it is shown. @param {string} title @param {string[]} head @param {Found[]} all @param {(row: Found) => string[]} toCells @param {number} [most] */
function titled(title, head, all, toCells, most = ROWS) {
  if (all.length === 0) return "";
  const note = all.length > most ? `\n\n*The first ${most} of ${count(all.length)}.*` : "";
  return `### ${title}\n\n${table(head, all.slice(0, most).map(toCells))}${note}`;
}

/** @param {Ranked[]} findings */
export function nextSteps(findings) {
  if (findings.length === 0) return "## What to do next\n\nNothing was found that asks for action.";
  const cells = (/** @type {Ranked} */ finding, /** @type {number} */ index) => [
    String(index + 1),
    plain(finding.severity),
    `**${plain(finding.title)}**${finding.detail ? ` – ${plain(finding.detail)}` : ""}`,
    finding.where.map(code).join("<br>"),
    plain(finding.action),
    plain(finding.source),
  ];
  return `## What to do next\n\nMost urgent first.\n\n${table([">#", "Severity", "Finding", "Where", "Do", "From"], findings.map(cells))}`;
}

/** @param {Found} found */
export function inspectionSection(found) {
  const lines = found.totals?.authoredLines || 1;
  return section(
    "## What it is made of",
    `${count(found.totals?.files)} tracked files, ${size(found.totals?.bytes)}.${found.submodules?.length ? ` ${plural(found.submodules.length, "submodule")}, not looked into.` : ""}`,
    titled("Languages", ["Language", ">Files", ">Lines", ">Not blank", ">Share of lines"], rowsOf(found.languages), (row) => [
      plain(row.language),
      count(row.files),
      count(row.lines),
      count(row.nonBlank),
      percent(row.lines / lines),
    ]),
    titled("Who made the files", ["Origin", ">Files", ">Lines", ">Size"], rowsOf(found.origins), (row) => [
      plain(row.origin),
      count(row.files),
      count(row.lines),
      size(row.bytes),
    ]),
    titled("Folders", ["Folder", ">Files", ">Lines", ">Size"], rowsOf(found.folders), (row) => [
      code(row.folder),
      count(row.files),
      count(row.lines),
      size(row.bytes),
    ]),
    titled("Longest source files", ["File", "Language", ">Lines"], rowsOf(found.longestSources), (row) => [
      code(row.path),
      plain(row.language),
      count(row.lines),
    ]),
    titled("Largest files", ["File", "Origin", ">Size"], rowsOf(found.largestFiles), (row) => [code(row.path), plain(row.origin), size(row.bytes)], 6),
  );
}

/** @param {Found} found */
export function historySection(found) {
  if (!found.commits) return "## Where change concentrates\n\nThere are no commits to look at.";
  const activity = rowsOf(found.activity);
  const year = activity.slice(-12).reduce((sum, month) => sum + (month.commits ?? 0), 0);
  return section(
    "## Where change concentrates",
    `${plural(found.commits, "commit")} (and ${plural(found.merges ?? 0, "merge")}) by ${plural(found.authors, "person", "people")}; ${plural(year, "commit")} in the last twelve months.`,
    activity.length > 0 &&
      `Commits a month, ${activity[0]?.month} to ${activity.at(-1)?.month}: \`${bars(activity.map((month) => month.commits ?? 0))}\` (most: ${count(Math.max(...activity.map((month) => month.commits ?? 0)))})`,
    titled(
      "Hot-spots",
      ["File", ">Score", ">Commits", ">Last year", ">Lines then", ">Fixes", ">Lines", ">People", "Last change"],
      rowsOf(found.hotspots),
      (row) => [
        code(row.path),
        count(row.score),
        count(row.commits),
        count(row.recentCommits),
        `+${count(row.recentAdded)} −${count(row.recentDeleted)}`,
        count(row.fixes),
        count(row.lines),
        count(row.authors),
        plain(row.lastChangedAt),
      ],
    ),
    rowsOf(found.hotspots).length > 0 &&
      "*Score: 100 × √(commits ÷ most commits × lines ÷ most lines). Fixes: commits whose subject says fix, bug, revert or regression.*",
    titled(
      "Who knows which part",
      ["Folder", ">Commits", ">Last year", ">People", ">Bus factor", "Most by", ">Share", "Last seen"],
      rowsOf(found.folders),
      (row) => [
        code(row.folder),
        count(row.commits),
        count(row.recentCommits),
        count(row.authors),
        count(row.busFactor),
        plain(row.topAuthor),
        percent(row.topShare),
        plain(row.topLastAt),
      ],
    ),
    rowsOf(found.folders).length > 0 && "*Bus factor: the fewest people who together made half of the commits.*",
    titled(
      "What changes together",
      ["File", "And", ">Commits with both", ">Of the rarer one's"],
      rowsOf(found.together),
      (row) => [code(row.a), code(row.b), count(row.together), percent(row.share)],
      10,
    ),
    titled(
      "People",
      ["Name", ">Commits", ">Last year", "First", "Last"],
      rowsOf(found.people),
      (row) => [`${plain(row.name)}${row.bot ? " (bot)" : ""}`, count(row.commits), count(row.recentCommits), plain(row.firstAt), plain(row.lastAt)],
      10,
    ),
    titled("Age of the files", ["Last changed", ">Files"], rowsOf(found.ages), (row) => [plain(row.age), count(row.files)]),
  );
}

/** @param {Found} found */
export function scanSection(found) {
  const age = (/** @type {unknown} */ days) =>
    typeof days !== "number" ? "–" : days < 60 ? `${days} days` : days < 730 ? `${Math.round(days / 30.4)} months` : `${(days / 365.25).toFixed(1)} years`;
  const markers = rowsOf(found.markers?.items);
  const secrets = rowsOf(found.secrets?.items);
  const byTag = rowsOf(found.markers?.byTag).map((tag) => `${count(tag.count)} ${plain(tag.name)}`);
  return section(
    "## What was left behind",
    `${plural(found.filesScanned ?? 0, "file")}, ${size(found.bytesScanned)} scanned. Markers: ${byTag.join(", ") || "none"}. Possible secrets: ${count(found.secrets?.total)}.`,
    titled(
      "Possible secrets",
      ["Where", "Looks like", "Severity", "In", "Value"],
      secrets,
      (row) => [code(`${row.path}:${row.line}`), plain(row.rule), plain(row.severity), plain(row.place), plain(row.masked)],
      20,
    ),
    titled(
      "Files with telling names",
      ["File"],
      (Array.isArray(found.riskyFiles) ? found.riskyFiles : []).map((path) => ({ path })),
      (row) => [code(row.path)],
    ),
    titled(
      "Markers, the source's first, oldest first",
      ["Where", "What it says", "Line's age", "By"],
      markers,
      (row) => [code(`${row.path}:${row.line}`), plain(row.text), age(row.ageDays), plain(row.author ?? "–")],
      20,
    ),
  );
}

/** @param {Found} found */
export function dependencySection(found) {
  const { tests = {}, totals = {} } = found;
  const ci = rowsOf(found.ci).map((system) => `${plain(system.name)} (${plural(system.files?.length ?? 0, "file")})`);
  const other = rowsOf(found.other);
  const kept = [
    [
      "Tests",
      `${tests.frameworks?.map(plain).join(", ") || "no known framework"}; ${plural(tests.testFiles ?? 0, "test file")} to ${plural(tests.sourceFiles ?? 0, "source file")}`,
    ],
    ["Continuous integration", ci.join(", ") || "none found"],
    ["Licence", found.licence ? `${plain(found.licence.id)} (${code(found.licence.path)})` : "none found"],
    [
      "README",
      found.readme
        ? `${code(found.readme.path)}, ${plural(found.readme.lines, "line")}, ${plural(found.readme.sections?.length ?? 0, "section")}`
        : "none found",
    ],
    ...other.map((entry) => [plain(String(entry.name).replace(/^./, (first) => first.toUpperCase())), entry.path ? code(entry.path) : "none found"]),
  ];
  return section(
    "## What keeps it alive",
    table(["What", "Found"], kept),
    totals.manifests > 0 &&
      `${plural(totals.dependencies, "outside dependency", "outside dependencies")}: of ${plural(totals.runtime + totals.development, "wish", "wishes")} in ${plural(totals.manifests, "manifest")}, ${count(totals.pinned)} name one version, ${count(totals.range)} a range, ${count(totals.any)} any newer one, ${count(totals.local)} something local.`,
    titled("Manifests", ["Manifest", "For", ">Runtime", ">Development", ">Pinned", ">Range", ">Any", "Lock file"], rowsOf(found.manifests), (row) => [
      code(row.path),
      plain(row.ecosystem),
      count(row.runtime),
      count(row.development),
      count(row.pinned),
      count(row.range),
      count(row.any),
      row.lock ? code(row.lock) : row.expectsLock ? "none" : "–",
    ]),
    titled("Any newer version", ["Dependency", "Wanted", "Manifest"], rowsOf(found.unbounded), (row) => [
      code(row.name),
      code(row.wanted || "(nothing said)"),
      code(row.manifest),
    ]),
    titled(
      "Wanted in different versions",
      ["Dependency", "Versions"],
      rowsOf(found.differing),
      (row) => [code(row.name), (Array.isArray(row.wanted) ? row.wanted : []).map(code).join(", ")],
      8,
    ),
  );
}
