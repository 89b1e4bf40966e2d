// A message brought as a turn: a task for this one agent, which waits until it has a place for it, as any other; so nothing is ever said to an
// agent that works, or waits for a person. The task has the message's id for its key: brought twice it is one task.
import { type DeliveredMessage, Refusal, type Task } from "@baton/contract";
import { projectOfMessage, sendMessage } from "../messages/messages.ts";
import { getTask, isTerminal, retryTask, submitUnparsed } from "../tasks/tasks.ts";
import type { CouriersWorld } from "./couriers-world.ts";

/** Undefined: the agent has it. `unfinished`: this server stops before it is known. */
export type Brought = undefined | "unfinished" | { reason: string; final: boolean };
const MAX_TOLD = 90_000;
const SENSITIVE =
  "It is sensitive, and this agent is told messages as tasks, which keep what is said in the open. Send what it may keep, or let it fetch its messages.";

export async function bringAsTurn(world: CouriersWorld, agent: { id: string; name: string }, message: DeliveredMessage, signal: AbortSignal): Promise<Brought> {
  if (message.sensitive) return { reason: SENSITIVE, final: true };
  try {
    const { id, created } = await handIn(world, agent, message);
    // Ended before, and delivered again by somebody's wish.
    if (!created && message.delivery.retryCount === 0 && ["failed", "cancelled"].includes((await getTask(world, id)).status)) await retryTask(world, id);
    const task = await ended(world, id, signal);
    if (task === undefined) return "unfinished";
    if (task.status !== "completed")
      return { reason: `Task ${id}, which was to tell it, ${task.status}: ${task.failure?.detail ?? task.reason}`.slice(0, 1000), final: true };
    if (message.request?.state === "waiting") await answer(world, agent, message, task);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { reason: error.message.slice(0, 1000), final: error.code === "bad_input" || error.code === "too_large" };
  }
}
/** Where the agent does work alone, it is work of that project, else of the message's. */
async function handIn(world: CouriersWorld, agent: { id: string; name: string }, message: DeliveredMessage) {
  const project = world.registry.find(agent.id)?.row.project_id ?? (await projectOfMessage(world, message.id));
  return submitUnparsed(
    world,
    {
      ...(project ? { projectId: project } : {}),
      title: `Message from ${nameOf(world, message.senderId)}`.slice(0, 200),
      type: "message",
      description: toWords(world, message),
      priority: message.priority,
      pattern: "steps",
      steps: [{ id: "message", title: "Message", description: toWords(world, message), agent: agent.id }],
      metadata: { messageId: message.id },
    },
    { idempotencyKey: `message/${message.id}/${agent.id}` },
  );
}
const nameOf = (world: CouriersWorld, id: string): string => world.registry.find(id)?.row.name ?? id;
function toWords(world: CouriersWorld, { senderId, messageType, payload, topic, request }: DeliveredMessage): string {
  const about = topic === null ? messageType : `${messageType}, on ${topic}`;
  const said = typeof payload === "string" ? payload : JSON.stringify(payload, null, 2);
  const cut = said.length > MAX_TOLD ? `${said.slice(0, MAX_TOLD)}\n[the rest of ${said.length} characters is left out]` : said;
  const reply = request === null ? "" : "\n\nWhat you answer is sent back.";
  return `A message from ${nameOf(world, senderId)} (${about}):\n\n${cut}${reply}`;
}
/** Follows the log until it has ended. */
async function ended(world: CouriersWorld, taskId: string, signal: AbortSignal): Promise<Task | undefined> {
  const after = await world.events.last();
  const now = await getTask(world, taskId);
  if (isTerminal(now.status)) return now;
  for await (const batch of world.events.follow({ after, filter: { taskId, type: "task.*" }, signal })) {
    if (!batch.some(({ type }) => ["task.completed", "task.failed", "task.cancelled"].includes(type))) continue;
    const task = await getTask(world, taskId);
    if (isTerminal(task.status)) return task;
  }
  return undefined;
}
/** Acknowledges the request in the same transaction. */
async function answer(world: CouriersWorld, agent: { id: string; name: string }, message: DeliveredMessage, task: Task): Promise<void> {
  const voice = { name: agent.name, kind: "key" as const, role: "agent", rights: [], agent: agent.id, vouched: true };
  const said = {
    pattern: "request_response" as const,
    correlationId: message.id,
    messageType: "response",
    priority: message.priority,
    sensitive: false,
    payload: task.result,
    metadata: { taskId: task.id },
  };
  try {
    await sendMessage(world, { ...said, senderId: undefined }, voice);
  } catch (error) {
    // It was answered, or given up, meanwhile.
    if (!(error instanceof Refusal && error.code === "conflict")) throw error;
  }
}
