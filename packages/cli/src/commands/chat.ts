// `baton chat`: a conversation, a line at a time. What is typed is handed in as a task of the session; what is answered is shown as it is said.
import { createInterface } from "node:readline/promises";
import type { Session, Task } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, given } from "../cli.ts";
import { Interrupted } from "../exit.ts";
import { plain } from "../print/text.ts";
import { streamAnswer } from "../watch/stream-answer.ts";
import { type Act, toList } from "./command.ts";
import { turnLine } from "./sessions.ts";

interface ChatOptions {
  agent?: string;
  requires?: string[];
  title?: string;
}
const SHOWN = 10;

export function addChatCommand(program: Command, act: Act): void {
  program
    .command("chat")
    .summary("talk with agents")
    .description("Talk with agents, a line at a time, in a conversation that goes on. Ends with /exit or the end of the input.")
    .argument("[session]", "a conversation to go on with; a new one is begun when none is given")
    .option("-a, --agent <name>", "talk to this agent")
    .option("-r, --requires <capability,…>", "what whoever answers must be able to do", toList)
    .option("--title <title>", "what a new conversation is about")
    .action(act<ChatOptions>(chat));
}

async function chat(cli: Cli, options: ChatOptions, id?: string): Promise<number | undefined> {
  const session = await open(cli, options, id);
  const isTyped = process.stdin.isTTY && cli.terminal.out.isTTY === true && !cli.json;
  const lines = createInterface({ input: process.stdin, ...(isTyped ? { output: process.stdout, prompt: cli.paint.cyan("> ") } : {}) });
  cli.signal.addEventListener("abort", () => lines.close(), { once: true });
  // In a terminal readline takes Ctrl-C for itself.
  lines.on("SIGINT", () => lines.close());
  let failed = false;
  if (isTyped) lines.prompt();
  for await (const line of lines) {
    const words = line.trim();
    if (words === "/exit") break;
    if (words !== "") failed = (await say(cli, session, words, options)).status !== "completed";
    if (isTyped) lines.prompt();
  }
  if (!cli.json) cli.terminal.out.write(`${cli.paint.dim(`Go on with: baton chat ${session.id}`)}\n`);
  return failed ? 1 : 0;
}
async function open(cli: Cli, { title }: ChatOptions, id: string | undefined): Promise<Session> {
  if (id === undefined) return cli.client.createSession({ body: given({ title }), idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  const session = await cli.client.getSession({ params: { id }, signal: cli.signal });
  if (cli.json || session.turns === 0) return session;
  const { items } = await cli.client.listTurns({ params: { id }, query: { limit: SHOWN }, signal: cli.signal });
  for (const turn of items) cli.terminal.out.write(`${turnLine(cli, turn)}\n`);
  return session;
}
async function say(cli: Cli, session: Session, description: string, { agent, requires: requirements = [] }: ChatOptions): Promise<Task> {
  const steps = agent === undefined ? {} : { steps: [{ id: "answer", agent, requirements }] };
  const body = { description, sessionId: session.id, requirements, ...steps };
  const { id } = await cli.client.submitTask({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  try {
    const task = await streamAnswer(cli, id);
    if (cli.json)
      cli.terminal.out.write(`${JSON.stringify({ sessionId: session.id, taskId: id, status: task.status, result: task.result, failure: task.failure })}\n`);
    else if (task.status !== "completed") cli.terminal.out.write(`${cli.paint.red(task.status)}: ${plain(task.failure?.detail ?? task.reason)}\n`);
    return task;
  } catch (error) {
    if (cli.signal.aborted) throw new Interrupted(`The task goes on. Its answer will be in the conversation: baton chat ${session.id}`);
    throw error;
  }
}
