// The graph: Analyze -> Plan -> Execute, a step at a time -> Reflect -> back to Execute for what is to be done again, a bounded number of times ->
// Finalize. What each stage came to is written down before the next begins, so that a run which was cut off goes on at the stage it was in.
import { END, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { ModelTrouble } from "../parts/model.mjs";
import { analysis, analyze, execute, finalize, makePlan, reflect, step } from "./stages.mjs";

const state = z.object({
  request: z.string(),
  earlier: z.array(z.object({ request: z.string(), answer: z.string() })),
  analysis: analysis.optional(),
  plan: z.array(step).optional(),
  results: z.record(z.string(), z.string()).default({}),
  /** Results of steps that are to be done again. */
  before: z.record(z.string(), z.string()).default({}),
  critique: z.string().default(""),
  rounds: z.number().default(0),
  doubts: z.string().default(""),
  answer: z.string().optional(),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).default({ inputTokens: 0, outputTokens: 0 }),
});
/** @typedef {z.infer<typeof state>} State */
/** @typedef {{ stage: string, text: string, fraction: number, usage: State["usage"] }} Told what a stage tells while it works */
/** @typedef {{ signal?: AbortSignal | undefined, writer?: ((told: Told) => void) | undefined }} Running */

/**
 * @param {{ model: import("../parts/model.mjs").Model, saver: import("@langchain/langgraph").BaseCheckpointSaver, maxReflections: number, retryMs?: number }} given
 *   `maxReflections`: how often reflection may send the work back
 */
export function buildGraph({ model, saver, maxReflections, retryMs = 1000 }) {
  /** One stage: tells that it begins, asks, tells what it came to. @param {(given: State, asking: import("./stages.mjs").Asking, tell: (text: string, fraction: number) => void) => Promise<Partial<State>>} work @param {string} stage */
  const stage = (stage, work) => async (/** @type {State} */ given, /** @type {Running} */ config) => {
    let usage = given.usage;
    const signal = config.signal ?? new AbortController().signal;
    const spend = (/** @type {State["usage"]} */ spent) => {
      usage = { inputTokens: usage.inputTokens + spent.inputTokens, outputTokens: usage.outputTokens + spent.outputTokens };
    };
    const tell = (/** @type {string} */ text, /** @type {number} */ fraction) => config.writer?.({ stage, text: `${stage}: ${text}`, fraction, usage });
    const came = await work(given, { model, signal, spend }, tell);
    return { ...came, usage };
  };
  // Only what may pass by itself is asked again.
  const patient = {
    retryPolicy: { maxAttempts: 3, initialInterval: retryMs, retryOn: (/** @type {unknown} */ error) => error instanceof ModelTrouble && error.mayPass },
  };

  return new StateGraph(state)
    .addNode(
      "Analyze",
      stage("Analyze", async (given, asking, tell) => {
        tell("what is asked", 0.02);
        const found = await analyze(asking, given);
        tell([found.goal, ...found.requirements.map((line) => `- ${line}`)].join("\n"), 0.1);
        return { analysis: found };
      }),
      patient,
    )
    .addNode(
      "Plan",
      stage("Plan", async (given, asking, tell) => {
        const steps = await makePlan(asking, { request: given.request, analysis: known(given.analysis) });
        tell(steps.map(({ id, do: what }, at) => `${at + 1}. ${id}: ${what}`).join("\n"), 0.2);
        return { plan: steps };
      }),
      patient,
    )
    .addNode(
      "Execute",
      stage("Execute", async (given, asking, tell) => {
        const plan = known(given.plan);
        const at = plan.findIndex(({ id }) => given.results[id] === undefined);
        const next = known(plan[at]);
        tell(`step ${at + 1} of ${plan.length}, ${next.id}`, 0.2 + (0.6 * at) / plan.length);
        const result = await execute(asking, { ...given, plan, step: next, before: given.before[next.id] ?? "" });
        return { results: { ...given.results, [next.id]: result } };
      }),
      patient,
    )
    .addNode(
      "Reflect",
      stage("Reflect", async (given, asking, tell) => {
        const [plan, round] = [known(given.plan), given.rounds + 1];
        const { good, critique, redo } = await reflect(asking, { ...given, plan, analysis: known(given.analysis), round });
        if (good) {
          tell("good", 0.9);
          return { doubts: "" };
        }
        if (given.rounds >= maxReflections) {
          tell(`not good, and there were ${given.rounds} rounds already: ${critique}`, 0.9);
          return { doubts: critique };
        }
        const named = plan.filter(({ id }) => redo.includes(id)).map(({ id }) => id);
        const again = new Set(named.length > 0 ? named : plan.map(({ id }) => id));
        tell(`not good, ${[...again].join(", ")} again: ${critique}`, 0.9);
        const kept = Object.fromEntries(Object.entries(given.results).filter(([id]) => !again.has(id)));
        return { results: kept, before: given.results, critique, rounds: round };
      }),
      patient,
    )
    .addNode(
      "Finalize",
      stage("Finalize", async (given, asking, tell) => {
        tell("the answer", 0.95);
        return { answer: await finalize(asking, { ...given, plan: known(given.plan) }) };
      }),
      patient,
    )
    .addEdge(START, "Analyze")
    .addEdge("Analyze", "Plan")
    .addEdge("Plan", "Execute")
    .addConditionalEdges("Execute", hasSteps("Execute", "Reflect"), ["Execute", "Reflect"])
    .addConditionalEdges("Reflect", hasSteps("Execute", "Finalize"), ["Execute", "Finalize"])
    .addEdge("Finalize", END)
    .compile({ checkpointer: saver, name: "graph-agent" });
}
/** @typedef {ReturnType<typeof buildGraph>} Graph */

/** @template {string} More @template {string} None @param {More} more @param {None} none */
const hasSteps =
  (more, none) =>
  (/** @type {State} */ { plan, results }) =>
    known(plan).some(({ id }) => results[id] === undefined) ? more : none;

/** What an earlier stage must have left. @template T @param {T | undefined} value @returns {T} */
function known(value) {
  if (value === undefined) throw new Error("A stage ran before the one it needs.");
  return value;
}
