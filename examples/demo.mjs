#!/usr/bin/env node
// The demo: has a git repository reviewed by the sample agents and keeps the report. The work is submitted like any other.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createClient } from "@baton/client";
import { parse as parseYaml } from "yaml";
import { isProgram, runProgram } from "./agents/parts/command-line.mjs";
import { openWorkTree } from "./agents/parts/git.mjs";
import { Refusal } from "./agents/parts/refusal.mjs";

/** @typedef {import("@baton/contract").Event} Event */
/** @typedef {import("@baton/contract").Task} Task */
/**
 * @typedef {object} DemoSettings
 * @property {string} url of a Baton whose sample agents run
 * @property {string | undefined} [apiKey]
 * @property {string} repository a git work tree, or a folder in one
 * @property {string | undefined} [out] the report's file; written over when it is there
 * @property {string | undefined} [dataDir] without `out` the report goes to `<dataDir>/reports/<repository>-<date>.md`; default `.baton`
 * @property {((event: Event) => void) | undefined} [onEvent] every event of the task, in order
 * @property {AbortSignal | undefined} [signal] cancels the task
 */

/** The task as it is submitted. @param {string} repository absolute @returns {Promise<import("@baton/contract").TaskInput>} */
export async function repositoryReview(repository) {
  const text = await readFile(new URL("tasks/repository-review.yaml", import.meta.url), "utf8");
  return { ...parseYaml(text), title: `Review ${basename(repository)}`.slice(0, 200), repository };
}

/**
 * Resolves when the task has ended, in whichever way; `reportPath` is null when it did not complete.
 * @param {DemoSettings} settings
 * @returns {Promise<{ task: Task, reportPath: string | null }>}
 */
export async function runDemo({ url, apiKey, repository, out, dataDir = ".baton", onEvent, signal }) {
  const path = resolve(repository);
  // Refused here rather than after a step has failed.
  const tree = await openWorkTree(path, signal);
  const client = createClient({ url, apiKey });
  const { id } = await client.submitTask({ body: await repositoryReview(path), signal });
  try {
    const task = await client.waitForTask(id, { onEvent, signal });
    const markdown = task.status === "completed" ? reportOf(task) : undefined;
    return { task, reportPath: markdown === undefined ? null : await keep(markdown, out, join(dataDir, "reports"), tree.name) };
  } catch (error) {
    if (signal?.aborted) await client.cancelTask({ params: { id } });
    throw error;
  }
}

/** @param {Task} task */
function reportOf(task) {
  const report = task.steps.flatMap((step) => step.artifacts).find((artifact) => artifact.name === "report.md");
  if (report?.content === undefined) throw new Error(`Task ${task.id} completed without a report.`);
  return report.content;
}

/** @param {string} markdown @param {string | undefined} out @param {string} folder @param {string} name @returns {Promise<string>} where it was written */
async function keep(markdown, out, folder, name) {
  const path = resolve(out ?? join(folder, `${name.replace(/[^\w.-]+/g, "-")}-${new Date().toISOString().slice(0, 10)}.md`));
  await mkdir(dirname(path), { recursive: true });
  // An earlier report of the day is kept beside it.
  for (let count = 1; ; count++) {
    const free = count === 1 ? path : path.replace(/\.md$/, `-${count}.md`);
    try {
      await writeFile(free, markdown, { flag: out === undefined ? "wx" : "w" });
      return free;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

/** One line of an event for a terminal; undefined for those not worth one. @param {Event} event */
export function toLine({ type, stepId, data }) {
  const words = [data.agentName, data.message, data.reason, data.detail].flatMap((part) => (typeof part === "string" && part !== "" ? [part] : []));
  return `${type}${stepId === null ? "" : ` ${stepId}`}${words.length > 0 ? `: ${words.join(", ")}` : ""}`;
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: "demo",
    summary: "Have a git repository reviewed by the sample agents of a running Baton, and keep the report.",
    usage: "demo.mjs [--url http://127.0.0.1:8000] [--out report.md] [/path/to/repository]",
    options: { url: { type: "string" }, out: { type: "string" } },
    run: async ({ paths, values, signal }) => {
      const url = typeof values.url === "string" ? values.url : "http://127.0.0.1:8000";
      const out = typeof values.out === "string" ? values.out : undefined;
      const onEvent = (/** @type {Event} */ event) => void process.stderr.write(`${toLine(event)}\n`);
      const { task, reportPath } = await runDemo({ url, apiKey: process.env.BATON_API_KEY, repository: paths[0] ?? process.cwd(), out, onEvent, signal });
      if (reportPath === null) throw new Refusal("task_failed", `The task ${task.status}: ${task.failure?.detail ?? task.reason}`);
      return reportPath;
    },
  });
}
