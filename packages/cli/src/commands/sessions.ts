// `baton sessions …`: conversations with what was said in them.
import { type Session, type SessionSummary, type SessionTurn, sessionInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { ago, plain, plainLines } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";

interface ListOptions {
  user?: string;
  status?: "active" | "expired";
  limit: number;
  cursor?: number;
}
interface AddOptions {
  title?: string;
  project?: string;
  user?: string;
  turns?: number;
  tokens?: number;
}

export function addSessionCommands(program: Command, act: Act): void {
  const sessions = program
    .command("sessions")
    .summary("list, show, add, remove, pin, unpin, context")
    .description("Conversations: what was said in them, and what agents are told of it. `baton chat` holds one.");
  sessions
    .command("list")
    .description("conversations, newest first")
    .option("--user <id>", "of this person")
    .option("--status <status>", "active or expired")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--cursor <n>", "goes on where a list before left off", toWholeNumber)
    .action(act<ListOptions>(list));
  sessions
    .command("show")
    .description("one conversation and its last turns")
    .argument("<id>")
    .option("--limit <n>", "how many turns", toWholeNumber, 20)
    .action(act<{ limit: number }>(describe));
  sessions
    .command("add")
    .description("begin a conversation")
    .argument("[id]", "its id; one is made when none is given")
    .option("--title <title>", "what it is about")
    .option("--project <id>", "whose it is, and every task of it")
    .option("--user <id>", "who talks in it")
    .option("--turns <n>", "how many of the last turns agents are told", toWholeNumber)
    .option("--tokens <n>", "about how many tokens of them", toWholeNumber)
    .action(act<AddOptions>(add));
  sessions.command("remove").description("remove a conversation; its tasks stay").argument("<id>").action(act(remove));
  sessions
    .command("pin")
    .description("pin a fact, or a turn by its number: agents are always told")
    .argument("<id>")
    .argument("[fact]")
    .option("--turn <n>", "pin this turn", toWholeNumber)
    .action(act<{ turn?: number }>(pin));
  sessions.command("unpin").description("take a pin away").argument("<id>").argument("<pin>").action(act(unpin));
  sessions
    .command("context")
    .description("what the next agent would be told")
    .argument("<id>")
    .option("-a, --agent <name>", "this agent, which may know some of it")
    .action(act<{ agent?: string }>(context));
}

async function list(cli: Cli, { user: userId, status, limit, cursor }: ListOptions): Promise<undefined> {
  const page = await cli.client.listSessions({ query: given({ userId, status, limit, cursor }), signal: cli.signal });
  const columns: Column<SessionSummary>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "TURNS", of: ({ turns }) => String(turns) },
    { title: "STATUS", of: (one) => one.status },
    { title: "LAST", of: ({ lastActivityAt }) => ago(lastActivityAt, Date.now()) },
    { title: "USER", of: ({ userId: whose }) => whose },
    { title: "TITLE", of: ({ title }) => title, flexible: true },
  ];
  const more = page.nextCursor === null ? "" : `\nThere are more: --cursor ${page.nextCursor}`;
  show(cli, page, () => `${showTable(cli, columns, page.items, "There are no conversations.")}${more}`);
}
async function describe(cli: Cli, { limit }: { limit: number }, id = ""): Promise<undefined> {
  const [session, turns] = await Promise.all([
    cli.client.getSession({ params: { id }, signal: cli.signal }),
    cli.client.listTurns({ params: { id }, query: { limit }, signal: cli.signal }),
  ]);
  show(cli, { ...session, lastTurns: turns.items }, () => [...head(cli, session), "", ...turns.items.map((turn) => turnLine(cli, turn))].join("\n"));
}
function head(cli: Cli, { id, title, turns, status, reason, pins, summary, holders }: Session): string[] {
  return [
    `${cli.paint.bold(plain(id))}${title === null ? "" : `  ${plain(title)}`}`,
    `${status}, ${turns} turns. ${plain(reason)}`,
    ...(holders[0] ? [`Agent ${holders[0].agentId} holds the conversation.`] : []),
    ...pins.map((one) => `pinned ${cli.paint.dim(one.id)}  ${plain(one.content)}`),
    ...(summary === null ? [] : [`to turn ${summary.upTo}, summed up: ${plain(summary.text)}`]),
  ];
}
/** `12 user  What was said` */
export function turnLine(cli: Cli, { n, role, content }: SessionTurn): string {
  const colour = role === "user" ? cli.paint.cyan : role === "assistant" ? cli.paint.green : cli.paint.dim;
  return `${cli.paint.dim(String(n))} ${colour(role)}  ${plainLines(content)}`;
}
async function add(cli: Cli, { title, project: projectId, user: userId, turns, tokens }: AddOptions, id?: string): Promise<undefined> {
  const window = given({ turns, tokens });
  const body = checked(sessionInput, { ...given({ id, title, projectId, userId }), ...(Object.keys(window).length > 0 ? { window } : {}) });
  const session = await cli.client.createSession({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  show(cli, session, () => `Session ${session.id} is begun. Talk in it: baton chat ${session.id}`);
}
async function remove(cli: Cli, _: object, id = ""): Promise<undefined> {
  await cli.client.removeSession({ params: { id }, signal: cli.signal });
  show(cli, { removed: id }, () => `Session ${id} is removed.`);
}
async function pin(cli: Cli, { turn }: { turn?: number }, id = "", content?: string): Promise<undefined> {
  if ((turn === undefined) === (content === undefined)) throw new BadUsage('Say a fact, or --turn: baton sessions pin talk "We ship on Friday."');
  const body = turn === undefined ? { content: content ?? "" } : { turn };
  const pinned = await cli.client.addPin({ params: { id }, body, signal: cli.signal });
  show(cli, pinned, () => `Pinned as ${pinned.id}.`);
}
async function unpin(cli: Cli, _: object, id = "", pinId = ""): Promise<undefined> {
  await cli.client.removePin({ params: { id, pinId }, signal: cli.signal });
  show(cli, { removed: pinId }, () => `Pin ${pinId} is taken away.`);
}
async function context(cli: Cli, { agent }: { agent?: string }, id = ""): Promise<undefined> {
  const told = await cli.client.getContext({ params: { id }, query: given({ agent }), signal: cli.signal });
  const words = told.since ?? told.text;
  show(cli, told, () => `${words === "" ? cli.paint.dim("Nothing.") : plainLines(words)}\n${cli.paint.dim(`about ${told.approxTokens} tokens`)}`);
}
