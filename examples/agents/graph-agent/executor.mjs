// A run of the graph for an A2A task: its stages are told as status messages, its answer is an artifact. Work is known by the step that hands it in
// (`urn:baton:work`) or by its task: the same work handed in again goes on where it was, and takes over from whoever was at it.
import { randomUUID } from "node:crypto";
import { Role, TaskState } from "@a2a-js/sdk";
import { AgentEvent } from "@a2a-js/sdk/server";
import { NO_MODEL } from "../parts/model.mjs";
import { Refusal } from "../parts/refusal.mjs";

/** @typedef {import("@a2a-js/sdk").Message} Message */
/** @typedef {import("@a2a-js/sdk").Part} Part */
/** @typedef {import("@a2a-js/sdk/server").ExecutionEventBus} Bus */
/** @typedef {import("@a2a-js/sdk/server").RequestContext} RequestContext */
/** @typedef {import("./graph.mjs").Told} Told */
/** @typedef {{ thread: string, stop: AbortController, ended: Promise<void> }} Run */

export const MAX_RUNS = 8;
const WORK_KEY = "urn:baton:work";
const CANCELLED = new Refusal("cancelled", "It was cancelled.");
const TAKEN_OVER = new Refusal("taken_over", "The same work was handed in again, and goes on there.");
/** The process ends: the task stays open, and goes on when the agent is started again. */
const PUT_DOWN = new Refusal("put_down", "The agent stops.");

/** @param {{ graph: import("./graph.mjs").Graph | undefined, memory: import("./memory.mjs").Memory, log: (line: string) => void }} given `graph`: undefined without a model */
export function openExecutor({ graph, memory, log }) {
  /** @type {Map<string, Run>} */
  const runs = new Map();

  /** @param {RequestContext} context @param {Bus} bus */
  async function execute(context, bus) {
    const { taskId, contextId, task } = context;
    const asked = task?.history?.[0] ?? context.userMessage;
    const tell = teller(bus, { taskId, contextId });
    const begun = task ?? { id: taskId, contextId, artifacts: [], history: [asked], metadata: undefined };
    bus.publish(AgentEvent.task({ ...begun, status: tell.status(TaskState.TASK_STATE_WORKING) }));
    const [request, thread] = [toRequest(asked.parts), toThread(asked, taskId)];
    if (graph === undefined) return tell.end(TaskState.TASK_STATE_REJECTED, NO_MODEL);
    if (request === "") return tell.end(TaskState.TASK_STATE_REJECTED, "There is nothing to do: send text or data.");
    for (const run of [...runs.values()].filter((one) => one.thread === thread)) {
      run.stop.abort(TAKEN_OVER);
      await run.ended;
    }
    if (runs.size >= MAX_RUNS) return tell.end(TaskState.TASK_STATE_REJECTED, `It already works on ${MAX_RUNS} tasks.`);
    const stop = new AbortController();
    const ended = carryOut(graph, { thread, request, contextId, stop, tell });
    runs.set(taskId, { thread, stop, ended });
    await ended.finally(() => runs.delete(taskId));
  }

  /** @param {import("./graph.mjs").Graph} graph @param {{ thread: string, request: string, contextId: string, stop: AbortController, tell: ReturnType<typeof teller> }} given */
  async function carryOut(graph, { thread, request, contextId, stop, tell }) {
    const configurable = { thread_id: thread };
    try {
      const { values, next } = await graph.getState({ configurable });
      const isSame = values.request === request;
      if (isSame && next.length === 0 && values.answer !== undefined)
        tell.say("It was finished already, for an earlier try.", { fraction: 1, usage: values.usage });
      else {
        if (isSame && next.length > 0) tell.say(`Going on with ${next[0]}, where an earlier try left it.`, {});
        else await memory.saver.deleteThread(thread);
        const input = isSame && next.length > 0 ? null : { request, earlier: memory.turns.of(contextId) };
        const told = await graph.stream(input, { configurable, streamMode: "custom", durability: "sync", signal: stop.signal, recursionLimit: 100 });
        for await (const { text, fraction, usage } of /** @type {AsyncIterable<Told>} */ (told)) tell.say(text, { fraction, usage });
      }
      const { values: end } = await graph.getState({ configurable });
      memory.turns.add(contextId, thread, { request, answer: end.answer });
      tell.answer(end);
    } catch (error) {
      const reason = /** @type {unknown} */ (stop.signal.reason);
      if (reason === PUT_DOWN) return;
      if (stop.signal.aborted) return tell.end(TaskState.TASK_STATE_CANCELED, reason instanceof Refusal ? reason.message : "It was ended.");
      if (!(error instanceof Refusal)) log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      tell.end(TaskState.TASK_STATE_FAILED, error instanceof Refusal ? error.message : "The agent failed; its log says why.");
    }
  }

  return {
    execute,
    /** @param {string} taskId @param {Bus} bus */
    cancelTask: async (taskId, bus) => {
      const run = runs.get(taskId);
      if (run === undefined) {
        const task = await memory.tasks.load(taskId);
        return teller(bus, { taskId, contextId: task?.contextId ?? "" }).end(TaskState.TASK_STATE_CANCELED, CANCELLED.message);
      }
      run.stop.abort(CANCELLED);
      await run.ended;
    },
    active: () => runs.size,
    stop: async () => {
      for (const { stop } of runs.values()) stop.abort(PUT_DOWN);
      await Promise.all([...runs.values()].map(({ ended }) => ended));
    },
  };
}

/** What is published about one task. @param {Bus} bus @param {{ taskId: string, contextId: string }} at */
function teller(bus, at) {
  let most = 0;
  /** @param {TaskState} state @param {string} [text] @param {Record<string, unknown>} [metadata] */
  const status = (state, text, metadata) => ({
    state,
    timestamp: new Date().toISOString(),
    message: text === undefined ? undefined : toMessage(at, text, metadata),
  });
  /** @param {TaskState} state @param {string} text @param {Record<string, unknown>} [metadata] */
  const update = (state, text, metadata) => bus.publish(AgentEvent.statusUpdate({ ...at, status: status(state, text, metadata), metadata }));
  return {
    status,
    /** @param {string} text @param {{ fraction?: number, usage?: unknown }} known */
    say: (text, { fraction, usage }) => {
      // Work that is sent back has not been undone.
      most = Math.max(most, fraction ?? 0);
      update(TaskState.TASK_STATE_WORKING, text, { progress: most, ...(usage === undefined ? {} : { usage }) });
    },
    /** @param {import("./graph.mjs").State} end */
    answer: ({ answer = "", doubts, rounds, plan = [], usage }) => {
      const artifact = {
        artifactId: "answer",
        name: "answer",
        description: doubts === "" ? "" : "Reflection still had something against it.",
        parts: [textPart(answer)],
        metadata: { rounds, steps: plan.length, ...(doubts === "" ? {} : { doubts }) },
        extensions: [],
      };
      bus.publish(AgentEvent.artifactUpdate({ ...at, artifact, append: false, lastChunk: true, metadata: undefined }));
      update(TaskState.TASK_STATE_COMPLETED, "", { progress: 1, usage });
      bus.finished();
    },
    /** @param {TaskState} state @param {string} text */
    end: (state, text) => {
      update(state, text);
      bus.finished();
    },
  };
}

/** @param {string} text @returns {Part} */
export const textPart = (text) => ({ content: { $case: "text", value: text }, metadata: undefined, filename: "", mediaType: "text/plain" });
/** @param {{ taskId: string, contextId: string }} at @param {string} text @param {Record<string, unknown>} [metadata] @returns {Message} */
const toMessage = (at, text, metadata) => ({
  ...at,
  messageId: randomUUID(),
  role: Role.ROLE_AGENT,
  parts: text === "" ? [] : [textPart(text)],
  metadata,
  extensions: [],
  referenceTaskIds: [],
});

/** @param {readonly Part[]} parts */
const toRequest = (parts) =>
  parts
    .map(({ content }) => (content?.$case === "text" ? content.value : content?.$case === "data" ? JSON.stringify(content.value) : ""))
    .filter((text) => text !== "")
    .join("\n\n");

/** @param {Message} message @param {string} taskId */
function toThread({ metadata }, taskId) {
  const work = /** @type {{ taskId?: unknown, stepId?: unknown } | undefined} */ (metadata?.[WORK_KEY]);
  return typeof work?.taskId === "string" && typeof work.stepId === "string" ? `baton/${work.taskId}/${work.stepId}` : `a2a/${taskId}`;
}
