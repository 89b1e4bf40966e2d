#!/usr/bin/env node
// Report writer, a dial-in agent: turns what the other four found into one Markdown report, findings first. It connects to
// Baton itself and waits for work, so it needs no port; it reads nothing but the findings it is handed.
import { readFileSync } from "node:fs";
import { isProgram, runProgram } from "./parts/command-line.mjs";
import { plural } from "./parts/counting.mjs";
import { count, plain } from "./parts/markdown.mjs";
import { Refusal } from "./parts/refusal.mjs";
import { dependencySection, historySection, inspectionSection, nextSteps, scanSection } from "./parts/report-sections.mjs";

/** @typedef {import("./parts/report-sections.mjs").Found} Found */
/** @typedef {import("./parts/report-sections.mjs").Ranked} Ranked */

export const about = {
  name: "report-writer",
  description: "Writes one Markdown report from what other agents found about a git repository.",
  capabilities: [
    { name: "report_writing", proficiency: 0.95, technologies: ["markdown"] },
    { name: "documentation", proficiency: 0.6, technologies: ["markdown"] },
  ],
};
/** What each part is called, which agent makes it, and how it comes by its numbers. */
const parts = /** @type {const} */ ([
  ["inspection", "Inspection", "every tracked file (`git ls-files`) read from the work tree; lines counted by line breaks, “code lines” without blank ones"],
  [
    "history",
    "History",
    "`git log` without merges, renames followed, lines added and deleted from `--numstat` of the last year; a person is one e-mail address or one full name (`.mailmap` honoured); bots do not count as knowing code",
  ],
  ["scan", "Scan", "every tracked text file searched for comment markers and secret formats; ages from `git blame` of HEAD"],
  ["dependencies", "Dependencies", "manifests read as they are written; nothing resolved, installed or looked up in a registry"],
]);
const weights = /** @type {Record<string, number>} */ ({ high: 0, medium: 1, low: 2 });

/**
 * @param {Record<string, unknown>} input `inspection`, `history`, `scan`, `dependencies`: outputs of those agents, or their JSON as text
 * @param {{ now?: Date }} [world]
 */
export function writeReport(input, { now = new Date() } = {}) {
  const found = Object.fromEntries(parts.map(([key]) => [key, toFound(input[key])]));
  const missing = parts.filter(([key]) => found[key] === undefined).map(([, name]) => name);
  if (missing.length === parts.length) throw new Refusal("nothing_to_report", "None of inspection, history, scan and dependencies was given.");
  const { inspection, history, scan, dependencies } = found;
  const repository = String((inspection ?? history ?? scan ?? dependencies)?.repository ?? "repository");
  const findings = rank(found);
  const summary = summarise(found, findings);
  const markdown = [
    `# Review of ${plain(repository)}`,
    stamp(found, now),
    `## Summary\n\n${summary.join("\n\n")}`,
    nextSteps(findings),
    inspection && inspectionSection(inspection),
    history && historySection(history),
    scan && scanSection(scan),
    dependencies && dependencySection(dependencies),
    method(found, missing),
  ].filter((section) => typeof section === "string" && section !== "");
  const counts = Object.fromEntries(Object.keys(weights).map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length]));
  return {
    title: `Review of ${repository}`,
    summary: summary[0] ?? "",
    findings: { total: findings.length, ...counts, first: findings.slice(0, 10) },
    missing,
    markdown: `${markdown.join("\n\n")}\n`,
  };
}

/** Chat-shaped agents answer with JSON as text. @param {unknown} value @returns {Found | undefined} */
function toFound(value) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  if (typeof value !== "string") return undefined;
  try {
    return toFound(JSON.parse(value));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** By severity; within one, what leaks before what slows down. @param {Record<string, Found | undefined>} found @returns {Ranked[]} */
function rank(found) {
  const order = ["scan", "dependencies", "history", "inspection"];
  return order
    .flatMap((key) => list(found[key]?.findings).map((finding) => toRanked(finding, parts.find(([name]) => name === key)?.[1] ?? key)))
    .sort((a, b) => (weights[a.severity] ?? 3) - (weights[b.severity] ?? 3));
}

/** @param {any} finding as another agent wrote it @param {string} source @returns {Ranked} */
const toRanked = (finding, source) => ({
  severity: String(finding?.severity ?? "low"),
  title: String(finding?.title ?? "(untitled)"),
  detail: String(finding?.detail ?? ""),
  where: list(finding?.where).map(String),
  action: String(finding?.action ?? ""),
  source,
});

/** @param {unknown} value @returns {unknown[]} */
const list = (value) => (Array.isArray(value) ? value : []);

/** @param {Record<string, Found | undefined>} found @param {Date} now */
function stamp({ inspection, history, scan, dependencies }, now) {
  const { head, branch, scope } = /** @type {Record<string, string | null | undefined>} */ (inspection ?? history ?? scan ?? dependencies ?? {});
  const commit = head ? `commit \`${head.slice(0, 12)}\`` : "no commits yet";
  return `*${now.toISOString().slice(0, 16).replace("T", " ")} UTC · ${commit}${branch ? ` on ${plain(branch)}` : ""}${scope ? ` · only ${plain(scope)}` : ""}*`;
}

/** @param {Record<string, Found | undefined>} found @param {Ranked[]} findings @returns {string[]} paragraphs */
function summarise({ inspection, history, scan, dependencies }, findings) {
  const totals = inspection?.totals;
  const first =
    totals &&
    `${plural(totals.authoredFiles, "file")} people wrote, ${count(totals.codeLines)} lines of code${inspection.primaryLanguage ? `, mostly ${plain(inspection.primaryLanguage)}` : ""}`;
  const second =
    history &&
    (history.commits > 0
      ? `${plural(history.commits, "commit")} by ${plural(history.authors, "person", "people")} from ${history.firstCommitAt} to ${history.lastCommitAt}`
      : "no commits yet");
  const third = scan && `${plural(scan.markers.total, "marker")} of work left and ${plural(scan.secrets.total, "possible secret")}`;
  const fourth =
    dependencies &&
    `${plural(dependencies.totals.dependencies, "dependency", "dependencies")} in ${plural(dependencies.totals.manifests, "manifest")} and ${plural(dependencies.tests.testFiles, "test file")} to ${plural(dependencies.tests.sourceFiles, "source file")}`;
  const facts = [first, second, third, fourth].filter((fact) => fact !== undefined).join("; ");
  const urgent = findings.filter((finding) => finding.severity === "high");
  const judged =
    findings.length === 0
      ? "Nothing was found that asks for action."
      : `${plural(findings.length, "finding")}, ${urgent.length === 0 ? "none" : urgent.length} of high severity.${findings[0] ? ` First: **${plain(findings[0].title)}**.` : ""}`;
  return [`${facts.charAt(0).toUpperCase()}${facts.slice(1)}.`, judged];
}

/** @param {Record<string, Found | undefined>} found @param {string[]} missing */
function method(found, missing) {
  const how = parts.filter(([key]) => found[key]).map(([key, name, text]) => `- **${name}**: ${text}. Took ${count(found[key]?.tookMs)} ms.`);
  const limits = parts.flatMap(([key, name]) => list(found[key]?.cuts).map((cut) => `- ${name}: ${plain(cut)}`));
  const absent = missing.length > 0 ? [`- Missing: ${missing.join(", ")}. What they would have found is not in this report.`] : [];
  const always =
    "- Secrets are recognised by their shape: a match may be a sample, and a secret of an unknown shape is not seen. Only the present files were searched, not the history.";
  return `## Method and limits\n\n${how.join("\n")}\n\n${[...absent, ...limits, always].join("\n")}\n\nNo model was asked, and nothing of the repository was run.`;
}

/** Waits at Baton for work until `signal` aborts. @param {string} url @param {AbortSignal} signal */
async function dialIn(url, signal) {
  // Loaded here, so that a report can be written from files without the client being built.
  const { connectAgent, result } = await import("@baton/client");
  const agent = await connectAgent(
    {
      url,
      ...about,
      maxConcurrentTasks: 4,
      signal,
      onNotice: (notice) => process.stderr.write(`${about.name}: ${notice}\n`),
      ...(process.env.BATON_API_KEY ? { apiKey: process.env.BATON_API_KEY } : {}),
    },
    (work, { progress }) => {
      progress({ fraction: 0.1, message: "ranking what was found" });
      const { markdown, ...report } = writeReport(/** @type {Record<string, unknown>} */ (work.input ?? work.context.steps));
      return result({
        output: { ...report, markdown },
        artifacts: [{ type: "report", name: "report.md", description: report.title, mediaType: "text/markdown", content: markdown }],
      });
    },
  );
  process.stdout.write(`${JSON.stringify({ connected: { name: about.name, agentId: agent.agentId } })}\n`);
  const refusal = await agent.closed;
  if (refusal) throw new Refusal(refusal.code, refusal.message);
}

/** @param {string[]} paths files with the output of one agent each; told apart by their `kind` */
function fromFiles(paths) {
  const keys = /** @type {Record<string, string>} */ ({
    "repository-inspection": "inspection",
    "history-analysis": "history",
    "code-scan": "scan",
    "dependency-review": "dependencies",
  });
  /** @type {Record<string, unknown>} */
  const input = {};
  for (const path of paths) {
    const found = toFound(readFileSync(path, "utf8"));
    const key = keys[String(found?.kind)];
    if (key === undefined) throw new Refusal("usage", `${path} is not the output of one of the other agents.`);
    input[key] = found;
  }
  return writeReport(input).markdown.trimEnd();
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: about.name,
    summary: about.description,
    usage: `report-writer.mjs found.json …      write the report from files with what the other agents printed
report-writer.mjs --connect <url>   be an agent of the Baton at this address, such as http://127.0.0.1:8000
    --until-stdin-ends              stop when stdin closes, that is, when whoever started it is gone`,
    options: { connect: { type: "string" }, "until-stdin-ends": { type: "boolean" } },
    run: async ({ paths, values, signal }) => {
      if (typeof values.connect !== "string") return fromFiles(paths);
      const gone = new AbortController();
      if (values["until-stdin-ends"]) process.stdin.once("close", () => gone.abort()).resume();
      return dialIn(values.connect, AbortSignal.any([signal, gone.signal]));
    },
  });
}
