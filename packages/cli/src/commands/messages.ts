// `baton messages …`: send, read, take and settle messages; see to those that nobody took.
import { type DeliveredMessage, type Message, messageInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { ago, plain } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";
import { addRuleCommands } from "./message-rules.ts";
import { addSigningCommands } from "./signing.ts";

interface SendOptions {
  to?: string;
  topic?: string;
  all?: true;
  from?: string;
  type?: string;
  priority?: string;
  ask?: true;
  answer?: string;
  timeout?: number;
  ttl?: number;
  id?: string;
  sensitive?: true;
}
interface ReceiveOptions {
  limit: number;
  wait: number;
  ack?: true;
}
const SECOND_MS = 1000;

export function addMessageCommands(program: Command, act: Act): void {
  const messages = program
    .command("messages")
    .summary("send, list, open, receive, ack, dead, redeliver, mailboxes, subscribe, rules, keys")
    .description("What agents and people send each other.");
  messages
    .command("send")
    .description("send a message: to one, to a topic, or to all")
    .argument("<payload>", "JSON, or text")
    .option("--to <name>", "an agent or mailbox")
    .option("--topic <name>", "who subscribed to it gets it")
    .option("--all", "to all agents and mailboxes")
    .option("--from <name>", "who sends it")
    .option("--type <type>", "such as task_request or status_update")
    .option("--priority <level>", "critical, high, normal or low")
    .option("--ask", "ask, and wait for the answer")
    .option("--answer <id>", "answer the request of this id")
    .option("--timeout <seconds>", "how long an answer is waited for; 30 unless said", toWholeNumber)
    .option("--ttl <seconds>", "what nobody took by then becomes a dead letter", toWholeNumber)
    .option("--sensitive", "sealed in the store, and told only to who takes it")
    .option("--id <id>", "its number; sent again with the same one it is the same message")
    .action(act<SendOptions>(send));
  messages
    .command("list")
    .description("messages, newest first")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .action(act<{ limit: number }>(async (cli, { limit }) => tellMany(cli, await cli.client.listMessages({ query: { limit }, signal: cli.signal }))));
  messages
    .command("open")
    .description("what an agent or mailbox has not acknowledged yet; takes nothing")
    .argument("<name>")
    .action(act(async (cli, _, name = "") => tellOpen(cli, await cli.client.listAgentMessages({ params: { id: name }, signal: cli.signal }))));
  messages
    .command("receive")
    .description("take messages of an agent or mailbox, most urgent first")
    .argument("<name>")
    .option("--limit <n>", "how many at the most", toWholeNumber, 10)
    .option("--wait <seconds>", "how long to wait for one, at most 25", toWholeNumber, 0)
    .option("--ack", "acknowledge them at once")
    .action(act<ReceiveOptions>(receive));
  messages.command("ack").description("messages that were taken are taken care of").argument("<name>").argument("<id...>").action(act(acknowledge));
  messages
    .command("dead")
    .description("messages that nobody took, and why")
    .action(act(async (cli) => tellOpen(cli, await cli.client.listDeadLetters({ signal: cli.signal }))));
  messages.command("redeliver").description("deliver a dead letter again").argument("<id>", "of the delivery").action(act(redeliver));
  messages.command("mailboxes").description("mailboxes of those who are not agents").action(act(mailboxes));
  messages.command("open-mailbox").description("open a mailbox for somebody who is not an agent").argument("<name>").action(act(openMailbox));
  messages
    .command("subscribe")
    .description("send what goes to a topic to an agent or mailbox")
    .argument("<name>")
    .argument("<topic>", "* stands for one name, and at the end for all that follow")
    .action(act(subscribe));
  addRuleCommands(messages, act);
  addSigningCommands(messages, act);
}

async function send(cli: Cli, options: SendOptions, payload = ""): Promise<undefined> {
  const { to, topic, all, from, type, priority, ask, answer, timeout, ttl, id, sensitive } = options;
  if ([to, topic, all, answer].filter((one) => one !== undefined).length !== 1)
    throw new BadUsage("Say who gets it: --to <name>, --topic <name>, --all, or --answer <id>.");
  if (ask && to === undefined) throw new BadUsage("--ask needs --to: one who answers.");
  const body = checked(messageInput, {
    payload: toPayload(payload),
    ...given({ recipientId: to, topic, senderId: from, messageType: type, priority, correlationId: answer, id, sensitive }),
    ...(ttl === undefined ? {} : { ttlMs: ttl * SECOND_MS }),
    ...(ask || answer !== undefined ? { pattern: "request_response" as const } : {}),
    ...(ask && timeout !== undefined ? { timeoutMs: timeout * SECOND_MS } : {}),
  });
  const message = await cli.client.sendMessage({ body, signal: cli.signal });
  if (ask) return tellAnswer(cli, message.id);
  show(cli, message, () => `Message ${message.id} is sent to ${message.recipientId ?? `${message.recipients}`}.`);
}
async function tellAnswer(cli: Cli, id: string): Promise<undefined> {
  for (;;) {
    const found = await cli.client.getResponse({ params: { id }, query: { waitMs: 20_000 }, signal: cli.signal });
    if (found.state === "waiting") continue;
    show(cli, found, () => (found.response === null ? `No answer: it is ${found.state.replace("_", " ")}.` : inWords(found.response)));
    return undefined;
  }
}
/** What is not JSON is text. */
function toPayload(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch (error) {
    if (error instanceof SyntaxError) return given;
    throw error;
  }
}
const inWords = ({ payload, withheld }: Message): string => withheld ?? plain(typeof payload === "string" ? payload : JSON.stringify(payload));
const columns: Column<Message>[] = [
  { title: "ID", of: ({ id }) => id },
  { title: "SENT", of: ({ createdAt }) => ago(createdAt, Date.now()) },
  { title: "FROM", of: ({ senderId }) => senderId },
  { title: "TO", of: ({ recipientId, topic, recipients }) => recipientId ?? topic ?? `all ${recipients}` },
  { title: "PRIORITY", of: ({ priority }) => priority },
  { title: "WHAT", of: inWords, flexible: true },
];
function tellMany(cli: Cli, page: { items: Message[] }): undefined {
  show(cli, page, () => showTable(cli, columns, page.items, "Nothing was sent."));
}
function tellOpen(cli: Cli, page: { items: DeliveredMessage[] }): undefined {
  const more: Column<DeliveredMessage>[] = [
    { title: "DELIVERY", of: ({ delivery }) => delivery.id },
    { title: "STATE", of: ({ delivery }) => delivery.state },
    { title: "WHY", of: ({ delivery }) => delivery.reason },
  ];
  show(cli, page, () => showTable(cli, [...more, ...columns], page.items, "There is nothing."));
}
async function receive(cli: Cli, { limit, wait, ack }: ReceiveOptions, name = ""): Promise<undefined> {
  const taken = await cli.client.receiveMessages({ params: { id: name }, query: { limit, waitMs: wait * SECOND_MS }, signal: cli.signal });
  const done = taken.items.map(({ id }) => id);
  tellMany(cli, taken);
  // Only once they are shown: whatever goes wrong before, they come again.
  if (ack && done.length > 0) await cli.client.acknowledgeMessages({ params: { id: name }, body: { done }, signal: cli.signal });
}
async function acknowledge(cli: Cli, _: object, name = "", ...done: string[]): Promise<undefined> {
  const settled = await cli.client.acknowledgeMessages({ params: { id: name }, body: { done }, signal: cli.signal });
  const unknown = settled.unknown.length === 0 ? "" : ` Not open: ${settled.unknown.map(plain).join(", ")}.`;
  show(cli, settled, () => `Acknowledged ${settled.settled}.${unknown}`);
}
async function redeliver(cli: Cli, _: object, id = ""): Promise<undefined> {
  const delivery = await cli.client.redeliverMessage({ params: { id }, signal: cli.signal });
  show(cli, delivery, () => `Delivery ${id} goes to ${delivery.recipientId} again.`);
}
async function mailboxes(cli: Cli): Promise<undefined> {
  const page = await cli.client.listMailboxes({ query: { limit: 500 }, signal: cli.signal });
  show(cli, page, () => showTable(cli, [{ title: "NAME", of: ({ name }) => name }], page.items, "There are no mailboxes; agents have theirs as such."));
}
async function openMailbox(cli: Cli, _: object, name = ""): Promise<undefined> {
  const mailbox = await cli.client.createMailbox({ body: { name }, signal: cli.signal });
  show(cli, mailbox, () => `Mailbox ${plain(name)} is open.`);
}
async function subscribe(cli: Cli, _: object, subscriberId = "", topic = ""): Promise<undefined> {
  const subscription = await cli.client.createSubscription({ body: { subscriberId, topic }, signal: cli.signal });
  show(cli, subscription, () => `${plain(subscriberId)} gets what goes to ${plain(topic)}. The subscription is ${subscription.id}.`);
}
