// What a run of real agents showed, as a table: into docs/agents.md, between its marks, or onto the screen.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup.mjs";
import { pinnedAgents } from "./install.mjs";

/** @typedef {{title: string, name: string, package: string, version: string, connector: string, capability: string, state: string, detail: string}} Seen */

const PAGE = join(root, "docs/agents.md");
const MARKS = { begin: "<!-- written by `npm run test:agents` -->", end: "<!-- end of what is written -->" };
/** Capability -> the title of its column. */
const COLUMNS = {
  edit: "edits a file",
  "denied by rule": "denied by rule",
  asked: "asks a person",
  cancel: "cancel",
  resume: "goes on later",
  usage: "tokens",
  cost: "cost",
  failure: "model's error is a failure",
  coordinates: "coordinates a task",
  outside: "reaches outside for",
};
/** @type {Record<string, string>} */
const SIGNS = { yes: "✓", partly: "~", no: "–", unknown: "?", failed: "✗" };

const folder = (/** @type {string} */ cache) => join(cache, "seen");
/** Before a run, so that nothing older is taken for news. @param {string} cache */
export const forgetSeen = (cache) => rmSync(folder(cache), { recursive: true, force: true });

/** @param {string} cache @returns {Seen[]} */
function readSeen(cache) {
  if (!existsSync(folder(cache))) return [];
  const lines = readdirSync(folder(cache)).flatMap((file) =>
    readFileSync(join(folder(cache), file), "utf8")
      .trim()
      .split("\n"),
  );
  return lines.map((line) => JSON.parse(line));
}

/**
 * @param {string} cache
 * @param {string[]} missing agents that could not be installed
 * @param {boolean} isWhole whether all agents were asked for: only then the page is written
 */
export function writeMatrix(cache, missing, isWhole) {
  const text = toMatrix(readSeen(cache), missing);
  if (!isWhole) return void process.stdout.write(`\n${text}\n`);
  const page = readFileSync(PAGE, "utf8");
  const [before, rest = ""] = page.split(MARKS.begin);
  const [, after] = rest.split(MARKS.end);
  if (after === undefined) throw new Error(`${PAGE} has lost its marks: ${MARKS.begin} and ${MARKS.end}`);
  const written = `${before}${MARKS.begin}\n\n${text}\n${MARKS.end}${after}`;
  writeFileSync(PAGE, written);
  process.stdout.write("What was seen is in docs/agents.md.\n");
}

/** @param {Seen[]} seen @param {string[]} missing */
export function toMatrix(seen, missing) {
  const order = Object.keys(pinnedAgents());
  const titles = [...new Set(seen.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)).map(({ title }) => title))];
  const find = (/** @type {string} */ title, /** @type {string} */ capability) => seen.findLast((one) => one.title === title && one.capability === capability);
  const rows = titles.map((title) => {
    const first = seen.find((one) => one.title === title);
    const cells = Object.keys(COLUMNS).map((capability) => toCell(find(title, capability)));
    return `| ${[`**${title}**<br>${first?.package} ${first?.version}`, `\`${first?.connector}\``, ...cells].join(" | ")} |`;
  });
  const head = ["agent", "connector", ...Object.values(COLUMNS)];
  return [
    `Seen on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ${process.arch}.`,
    ...(missing.length === 0 ? [] : ["", `Could not be installed in this run: ${missing.join(", ")}.`]),
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => "---").join("|")}|`,
    ...rows,
    "",
  ].join("\n");
}

/** @param {Seen | undefined} seen */
const toCell = (seen) =>
  seen === undefined ? "not tried" : `${SIGNS[seen.state] ?? seen.state} ${seen.detail.replace(/\s+/g, " ").replaceAll("|", "\\|")}`.trim();
