#!/usr/bin/env node
// API agent: one POST, one answer, nothing kept. It describes data (what it is made of, its figures, what stands out) by code alone and at once; with a
// model configured, instructions about the data are answered too, in one question.
import { isProgram, runProgram } from "./parts/command-line.mjs";
import { describeData } from "./parts/describe-data.mjs";
import { modelOptions, modelUsage, readModel } from "./parts/model.mjs";
import { Refusal } from "./parts/refusal.mjs";
import { startShell, toDoor, toPort } from "./parts/serve.mjs";

const NAME = "api-agent";
const SUMMARY = "Describes data, JSON or CSV, in one request and one answer; follows instructions about it where a model is configured.";
const MAX_DATA = 100_000;

/**
 * @param {Record<string, unknown>} body `{task_type, data, instructions, context}`; only one of data and instructions has to be there
 * @param {import("./parts/model.mjs").Model | undefined} model
 * @param {AbortSignal} signal
 */
export async function answer(body, model, signal) {
  const startedAt = performance.now();
  const { kind, asked, data, context } = read(body);
  if (data === undefined && /^\W*(hello|hi|hey|ping)\b/i.test(asked) && model === undefined)
    return { status: "success", result: `${NAME}: ${SUMMARY}`, processing_time_ms: 0 };
  if (data === undefined && asked === "") throw new Refusal("bad_task", "Give data, instructions, or both.");
  const description = data === undefined ? undefined : describeData(data);
  if (model === undefined && data === undefined)
    throw new Refusal(
      "no_model",
      `Instructions without data need a model, and ${NAME} has none: start it with --model. What it can do without is describe data.`,
    );
  const answered = model === undefined || asked === "" ? undefined : await askModel(model, { kind, data, asked, description, context }, signal);
  const ignored = model === undefined && asked !== "" ? { note: "There is no model, so the data is described and the instructions were not followed." } : {};
  const result = {
    task_type: kind,
    ...(description === undefined ? {} : { description }),
    ...(answered === undefined ? {} : { answer: answered.text, usage: answered.usage }),
    ...ignored,
  };
  return { status: "success", result, processing_time_ms: Math.round(performance.now() - startedAt) };
}

/** Nothing given is the same as null; without data of its own, it is about the task's payload. @param {Record<string, unknown>} body */
function read({ task_type: kind, data, instructions, context }) {
  const isNone = (/** @type {unknown} */ value) => value === undefined || value === null;
  if (!isNone(kind) && typeof kind !== "string") throw new Refusal("bad_task", "task_type is a word, such as analysis.");
  if (!isNone(instructions) && typeof instructions !== "string") throw new Refusal("bad_task", "instructions are text.");
  const payload = /** @type {any} */ (context)?.task?.payload;
  const given = [data, payload].find((value) => !isNone(value));
  return { kind: typeof kind === "string" ? kind : "analysis", asked: typeof instructions === "string" ? instructions.trim() : "", data: given, context };
}

/** @param {import("./parts/model.mjs").Model} model @param {{ kind: string, data: unknown, asked: string, description: unknown, context: unknown }} given @param {AbortSignal} signal */
function askModel(model, { kind, data, asked, description, context }, signal) {
  const shown = (/** @type {string} */ title, /** @type {unknown} */ value) =>
    value === undefined || value === null ? "" : `\n\n${title} (JSON):\n${JSON.stringify(value).slice(0, MAX_DATA)}`;
  const system = "You answer one request about the data you are given, briefly and by the data alone.";
  const prompt = `Request (${kind}): ${asked}${shown("Data", data)}${shown("What code found in it", description)}${shown("Context", context)}`;
  return model.ask(
    [
      { role: "system", content: system },
      { role: "user", content: prompt },
    ],
    signal,
  );
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: NAME,
    summary: SUMMARY,
    usage: `api-agent.mjs [--port 8002]      answer POST /process on 127.0.0.1 (PORT works too; 0 takes any free port)
${modelUsage}
    --host <address>       to be reached from elsewhere; callers show AGENT_KEY
    --until-stdin-ends     stop when stdin closes, that is, when whoever started it is gone`,
    options: { ...modelOptions, port: { type: "string" }, host: { type: "string" }, "until-stdin-ends": { type: "boolean" } },
    run: async ({ values, signal }) => {
      const model = readModel(values, process.env);
      const about = { model: model === undefined ? null : `${model.provider}/${model.name}` };
      const shell = {
        name: NAME,
        summary: SUMMARY,
        capabilities: ["data_description", ...(model === undefined ? [] : ["data_analysis"])],
        route: /^\/process$/,
        answer: (/** @type {Record<string, unknown>} */ body, /** @type {AbortSignal} */ aborted) => answer(body, model, aborted),
        toRefusal: (/** @type {{ code: string, message: string }} */ { code, message }) => ({ status: "error", error: message, code }),
        about,
      };
      const server = await startShell(shell, toDoor(values), toPort(values.port ?? process.env.PORT ?? 8002));
      if (values["until-stdin-ends"]) process.stdin.once("close", () => void server.close(0)).resume();
      signal.addEventListener("abort", () => void server.close(5000), { once: true });
      process.stdout.write(`${JSON.stringify({ listening: { name: NAME, port: server.port, ...about } })}\n`);
      await server.closed;
      return undefined;
    },
  });
}
