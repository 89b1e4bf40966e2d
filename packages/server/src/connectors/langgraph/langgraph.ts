// The connector for graphs on LangGraph servers. A conversation is a thread, an attempt one run on it, and another after each time the graph
// interrupts itself to ask a person. A run goes on when a connection breaks, and is cancelled when the attempt ends.
import { type Issue, type Json, type LanggraphConnector, type Outcome, Refusal, type Work } from "@baton/contract";
import { pathIssues, pathProblem } from "../../std/json-path.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { toCost } from "../cost.ts";
import { mapValue, toScope } from "../mapping.ts";
import { fillHeaders, headerIssues } from "../request-headers.ts";
import { type Failure, fail, startTimeLimit } from "../time-limit.ts";
import { toPrompt } from "../to-prompt.ts";
import { discover, observe } from "./assistants.ts";
import { type Heard, openHeard } from "./heard.ts";
import { toQuestion, toResumption } from "./interrupt.ts";
import { type LanggraphWorld, openReach, type Reach } from "./reach.ts";
import { carryRun, isBad } from "./run.ts";
import { type GraphState, toOutput } from "./state.ts";
import { openThread, readState, type Thread } from "./thread.ts";

export type { LanggraphWorld } from "./reach.ts";

const DEFAULT_INPUT: Json = { messages: [{ role: "user", content: "$.prompt" }] };
/** A graph that asks more often than this in one attempt goes round in circles. */
const MAX_QUESTIONS = 100;

export function openLanggraphConnector(world: LanggraphWorld): Connector {
  const reachOf = (agent: ConnectorAgent): Promise<Reach> => openReach(world, agent, settingsOf(agent));
  return {
    kind: "langgraph",
    takesPersona: true,
    takesSession: true,
    check: (agent) => check(world, agent),
    carryOut: (agent, work, context) => carryOut(world, agent, work, context),
    discover: async (agent) => discover(await reachOf(agent), settingsOf(agent).assistant),
    observe: (agent) => observe(world, () => reachOf(agent)),
    // The connections belong to `outbound`, which others share.
    close: async () => undefined,
  };
}

async function check(world: LanggraphWorld, agent: ConnectorAgent): Promise<void> {
  const settings = settingsOf(agent);
  await world.outbound.check(settings.url);
  const problem = settings.outputPath === undefined ? undefined : pathProblem(settings.outputPath);
  const issues: Issue[] = [
    ...pathIssues(settings.input ?? null, "connector.input"),
    ...(problem === undefined ? [] : [{ path: "connector.outputPath", message: problem }]),
    ...headerIssues(settings, "connector.headers"),
  ].slice(0, 20);
  if (issues.length > 0) throw new Refusal("bad_input", issues.map(({ path, message }) => `${path}: ${message}`).join("; "), { issues });
  await fillHeaders(world, settings, agent, "connector.headers");
}

async function carryOut(world: LanggraphWorld, agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome> {
  const limit = startTimeLimit(world.clock, agent, work, context);
  try {
    if (limit.signal.aborted) return limit.failure() ?? fail("cancelled", "");
    const outcome = await converse(await openReach(world, agent, settingsOf(agent)), { agent, work, context, signal: limit.signal });
    const failure = limit.failure();
    if (failure === undefined) return outcome;
    const { usage, cost } = outcome;
    return { ...failure, ...(usage && { usage }), ...(cost && { cost }) };
  } catch (error) {
    return limit.failure() ?? fail("agent_error", error instanceof Error ? error.message : String(error));
  } finally {
    limit.release();
  }
}

interface Asked {
  agent: ConnectorAgent;
  work: Work;
  context: AttemptContext;
  signal: AbortSignal;
}
async function converse(reach: Reach, asked: Asked): Promise<Outcome> {
  const { agent, work, context, signal } = asked;
  const settings = settingsOf(agent);
  const metadata = { baton_task: work.taskId, baton_step: work.stepId, baton_attempt: work.attemptId };
  const thread = await openThread(reach, work, metadata, signal, (text) => context.onUpdate({ kind: "note", text }));
  if ("ok" in thread) return thread;
  const heard = openHeard(context, thread.known);
  const outcome = await answerAll(reach, asked, thread, heard, metadata);
  const usage = heard.usage();
  const cost = toCost(settings.prices, usage);
  return { ...outcome, ...(outcome.ok && { conversation: thread.id }), ...(usage && { usage }), ...(cost && { cost }) };
}

/** Runs the graph, and asks a person whenever it stops to ask, until it is through. */
async function answerAll(reach: Reach, asked: Asked, thread: Thread, heard: Heard, metadata: { [key: string]: Json }): Promise<Outcome> {
  const { agent, work, context, signal } = asked;
  const settings = settingsOf(agent);
  const always = toRunSettings(settings);
  let next: { [key: string]: Json } = { input: toInput(settings, agent, work, thread) };
  for (let questions = 0; questions <= MAX_QUESTIONS; questions++) {
    const end = await carryRun({ reach, heard, thread: thread.path, metadata, signal }, { ...always, ...next });
    if (!end.ended) return end.failure;
    const error = heard.error();
    if (error !== undefined) return fail("agent_error", error);
    const state = await readState(reach, thread.id, signal);
    if ("ok" in state) return state;
    if (isBad(end.status)) return fail("agent_error", state.problem ?? `The run ended with the status ${end.status}.`);
    if (state.interrupts.length === 0 && state.next.length === 0) return toResult(state, settings.outputPath);
    const question = toQuestion(state, settings.askTimeoutMs);
    const answer = await context.ask(question);
    const resumption = toResumption(state, answer);
    if (resumption === undefined) return unanswered(question.title, answer.decision);
    next = { ...resumption };
  }
  return fail("agent_error", `It asked more than ${MAX_QUESTIONS} times.`);
}

/** `continue`: a broken connection does not end it. `stream_resumable`: what was missed is sent again. */
const toRunSettings = ({ assistant, streamMode, config, context }: LanggraphConnector): { [key: string]: Json } => ({
  assistant_id: assistant,
  stream_mode: [...streamMode],
  stream_subgraphs: true,
  stream_resumable: true,
  on_disconnect: "continue",
  multitask_strategy: "reject",
  ...(config === undefined ? {} : { config }),
  ...(context === undefined ? {} : { context }),
});

function toInput(settings: LanggraphConnector, agent: ConnectorAgent, work: Work, thread: Thread): Json {
  // A conversation that goes on knows already who it is with.
  const persona = thread.resumed ? undefined : agent.persona;
  const prompt = toPrompt(work, thread.resumed);
  const scope = { ...toScope(work, {}), prompt: persona === undefined ? prompt : `${persona}\n\n${prompt}`, persona: agent.persona ?? null };
  return mapValue(settings.input ?? DEFAULT_INPUT, scope);
}

function toResult({ values }: GraphState, path: string | undefined): Outcome {
  const output = toOutput(values, path);
  return output === undefined ? fail("invalid_response", `The graph's state has nothing at ${path}.`) : { ok: true, output };
}
const unanswered = (title: string, decision: string): Failure =>
  fail("agent_error", `It asked “${title}”, and ${decision === "rejected" ? "a person refused" : "nobody answered in time"}.`);

function settingsOf(agent: ConnectorAgent): LanggraphConnector {
  if (agent.connector.kind === "langgraph") return agent.connector;
  throw new Refusal("bad_input", `The langgraph connector cannot reach an agent of kind ${agent.connector.kind}.`);
}
