// `baton messages rules …`: who may send what to whom.
import { type MessageRule, messageRuleInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import type { Act } from "./command.ts";

interface RuleOptions {
  from?: string[];
  to?: string[];
  type?: string[];
  topic?: string[];
  description?: string;
}
const PARTY = "everybody (*), role:…, agent:…, type:…, capability:… or mailbox:…";

export function addRuleCommands(messages: Command, act: Act): void {
  const rules = messages.command("rules").description("who may send what to whom; what denies goes before what allows");
  rules.command("list").description("all of them").action(act(list));
  for (const effect of ["allow", "deny"] as const)
    rules
      .command(effect)
      .description(`${effect} what is given; from and to whom it is not said, it is everybody`)
      .argument("<name>", "what a refusal names")
      .option("--from <party...>", PARTY)
      .option("--to <party...>", PARTY)
      .option("--type <type...>", "only messages of these types")
      .option("--topic <pattern...>", "only messages to topics that match")
      .option("--description <text>", "what it is for")
      .action(act<RuleOptions>((cli, options, name) => add(cli, effect, options, name)));
  rules.command("remove").description("remove a rule").argument("<name>").action(act(remove));
}
const columns: Column<MessageRule>[] = [
  { title: "NAME", of: ({ name }) => name },
  { title: "EFFECT", of: ({ effect }) => effect },
  { title: "FROM", of: ({ from }) => from.join(" ") },
  { title: "TO", of: ({ to }) => to.join(" ") },
  { title: "ONLY", of: ({ messageTypes, topics, patterns }) => [...messageTypes, ...topics, ...patterns].join(" ") },
  { title: "WHAT FOR", of: ({ description }) => description, flexible: true },
];
async function list(cli: Cli): Promise<undefined> {
  const page = await cli.client.listMessageRules({ query: { limit: 500 }, signal: cli.signal });
  show(cli, page, () => showTable(cli, columns, page.items, "There are no rules."));
}
async function add(cli: Cli, effect: "allow" | "deny", { from, to, type, topic, description }: RuleOptions, name = ""): Promise<undefined> {
  const body = checked(messageRuleInput, { name, effect, ...given({ from, to, messageTypes: type, topics: topic, description }) });
  const rule = await cli.client.createMessageRule({ body, signal: cli.signal });
  show(cli, rule, () => `The rule ${rule.name} holds from the next message on.`);
}
async function remove(cli: Cli, _: object, id = ""): Promise<undefined> {
  await cli.client.removeMessageRule({ params: { id }, signal: cli.signal });
  show(cli, { name: id }, () => `The rule ${id} is gone.`);
}
