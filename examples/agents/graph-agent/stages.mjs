// What the model is asked at each of the five stages, and what becomes of an answer that does not fit: it goes back once, with what is wrong, and
// then code decides.
import { z } from "zod";

/** @typedef {import("../parts/model.mjs").Model} Model */
/** @typedef {import("../parts/model.mjs").ChatMessage} ChatMessage */
/** @typedef {import("../parts/model.mjs").Usage} Usage */
/** @typedef {{ model: Model, signal: AbortSignal, spend: (usage: Usage) => void }} Asking */

export const MAX_STEPS = 6;
const MAX_TEXT = 20_000;
const clip = (/** @type {string} */ text) => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}\n[cut after ${MAX_TEXT} characters]`);
const words = z.string().trim().min(1).max(MAX_TEXT);
const list = z.array(words).max(20).default([]);

export const analysis = z.object({ goal: words, requirements: list, assumptions: list });
export const step = z.object({ id: z.string().trim().min(1).max(60), do: words });
const plan = z
  .object({ steps: z.array(step).min(1).max(MAX_STEPS) })
  .refine(({ steps }) => new Set(steps.map(({ id }) => id)).size === steps.length, "every step needs an id of its own");
const verdict = z.object({ good: z.boolean(), critique: z.string().max(MAX_TEXT).default(""), redo: z.array(z.string()).max(MAX_STEPS).default([]) });
/** @typedef {z.infer<typeof analysis>} Analysis */
/** @typedef {z.infer<typeof step>} Step */
/** @typedef {{ request: string, answer: string }} Turn */

const about = (/** @type {string} */ stage, /** @type {string} */ what) =>
  `You are the ${stage} stage of an agent that works in five stages: Analyze, Plan, Execute, Reflect, Finalize. ${what}`;
const jsonOnly = (/** @type {string} */ shape) => ` Answer with one JSON object and nothing else: ${shape}`;
const section = (/** @type {string} */ title, /** @type {string} */ text) => (text === "" ? "" : `\n\n${title}:\n${clip(text)}`);
const bullets = (/** @type {string[]} */ lines) => lines.map((line) => `- ${line}`).join("\n");

/** @param {Asking} asking @param {{ request: string, earlier: Turn[] }} given @returns {Promise<Analysis>} */
export const analyze = (asking, { request, earlier }) =>
  askJson(asking, {
    schema: analysis,
    system: about("Analyze", "Understand what is asked; solve nothing yet.") + jsonOnly('{"goal": "…", "requirements": ["…"], "assumptions": ["…"]}'),
    prompt: `Stage: Analyze${section("Earlier in this conversation", toConversation(earlier))}${section("Task", request)}`,
    otherwise: () => ({ goal: request.slice(0, MAX_TEXT), requirements: [], assumptions: [] }),
  });

/** @param {Asking} asking @param {{ request: string, analysis: Analysis }} given @returns {Promise<Step[]>} */
export async function makePlan(asking, { request, analysis: { goal, requirements, assumptions } }) {
  const { steps } = await askJson(asking, {
    schema: plan,
    system:
      about("Plan", `Split the work into at most ${MAX_STEPS} steps that a model can do one after the other, as few as will do.`) +
      jsonOnly('{"steps": [{"id": "short-name", "do": "…"}]}'),
    prompt: `Stage: Plan${section("Task", request)}${section("Goal", goal)}${section("Requirements", bullets(requirements))}${section("Assumptions", bullets(assumptions))}`,
    otherwise: () => ({ steps: [{ id: "answer", do: goal }] }),
  });
  return steps;
}

/**
 * @param {Asking} asking
 * @param {{ request: string, earlier: Turn[], plan: Step[], step: Step, results: Record<string, string>, before: string, critique: string }} given `before`: what
 *   this step came to the last time, when it is done again
 */
export async function execute(asking, { request, earlier, plan: steps, step: { id, do: what }, results, before, critique }) {
  const at = steps.findIndex((one) => one.id === id);
  const done = steps.flatMap((one) => (one.id !== id && results[one.id] !== undefined ? [`${one.id}: ${results[one.id]}`] : [])).join("\n\n");
  const again = before === "" ? "" : `${section("What it came to before", before)}${section("What is wrong with it", critique)}`;
  const system = about("Execute", "Carry out the one step that is named, with what the steps before it came to. Answer with its result alone.");
  const prompt = `Stage: Execute, step ${at + 1} of ${steps.length}${section("Earlier in this conversation", toConversation(earlier))}${section("Task", request)}${section("Steps that are done", done)}${section("The step", `${id}: ${what}`)}${again}`;
  return askText(asking, system, prompt);
}

/** @param {Asking} asking @param {{ request: string, analysis: Analysis, plan: Step[], results: Record<string, string>, round: number }} given */
export const reflect = (asking, { request, analysis: { requirements }, plan: steps, results, round }) =>
  askJson(asking, {
    schema: verdict,
    system:
      about("Reflect", "Judge strictly whether the results fulfil the task and every requirement. Name the steps that have to be done again, and why.") +
      jsonOnly('{"good": true or false, "critique": "…", "redo": ["step id"]}'),
    prompt: `Stage: Reflect, round ${round}${section("Task", request)}${section("Requirements", bullets(requirements))}${section("Results", steps.map(({ id }) => `${id}: ${results[id] ?? ""}`).join("\n\n"))}`,
    otherwise: () => ({ good: true, critique: "The reflection could not be read.", redo: [] }),
  });

/** @param {Asking} asking @param {{ request: string, plan: Step[], results: Record<string, string>, doubts: string }} given `doubts`: what reflection still had against it */
export function finalize(asking, { request, plan: steps, results, doubts }) {
  const system = about("Finalize", "Write the final answer to the task from the results. Where doubts are given, say what they leave open.");
  const found = steps.map(({ id }) => `${id}: ${results[id] ?? ""}`).join("\n\n");
  return askText(asking, system, `Stage: Finalize${section("Task", request)}${section("Results", found)}${section("Doubts", doubts)}`);
}

const toConversation = (/** @type {Turn[]} */ turns) => turns.map(({ request, answer }) => `Asked: ${request}\nAnswered: ${answer}`).join("\n\n");

/** @param {Asking} asking @param {string} system @param {string} prompt */
async function askText({ model, signal, spend }, system, prompt) {
  const { text, usage } = await model.ask(
    [
      { role: "system", content: system },
      { role: "user", content: prompt },
    ],
    signal,
  );
  spend(usage);
  return clip(text.trim());
}

/**
 * @template T
 * @param {Asking} asking
 * @param {{ schema: z.ZodType<T>, system: string, prompt: string, otherwise: () => T }} wanted
 * @returns {Promise<T>}
 */
async function askJson({ model, signal, spend }, { schema, system, prompt, otherwise }) {
  /** @type {ChatMessage[]} */
  const messages = [
    { role: "system", content: system },
    { role: "user", content: prompt },
  ];
  for (let tries = 1; ; tries++) {
    const { text, usage } = await model.ask(messages, signal);
    spend(usage);
    const { success, data, error } = schema.safeParse(readObject(text));
    if (success) return data;
    if (tries === 2) return otherwise();
    const wrong = error.issues.map(({ path, message }) => `${path.join(".") || "the answer"}: ${message}`).join("; ");
    messages.push({ role: "assistant", content: clip(text) }, { role: "user", content: `That does not fit: ${wrong}. Answer with the one JSON object alone.` });
  }
}

/** Models put words and fences around their JSON. @param {string} text @returns {unknown} */
function readObject(text) {
  try {
    return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
