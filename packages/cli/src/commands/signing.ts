// `baton messages keys …`: the keys agents sign their messages with.
import { generateSigningKey } from "@baton/client";
import type { SigningKey } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { ago } from "../print/text.ts";
import type { Act } from "./command.ts";

export function addSigningCommands(messages: Command, act: Act): void {
  const keys = messages.command("keys").description("the keys agents sign their messages with");
  keys.command("make").description("make a pair of keys; nothing is sent anywhere").action(act(make));
  keys.command("list").description("keys of an agent").argument("<agent>").action(act(list));
  keys.command("add").description("register a public key of an agent").argument("<agent>").argument("<public-key>").action(act(add));
  keys
    .command("retire")
    .description("take nothing more that it signs; what was sent before is still verified by it")
    .argument("<agent>")
    .argument("<public-key>")
    .action(act(retire));
  keys.command("remove").description("forget a key that was stolen").argument("<agent>").argument("<public-key>").action(act(remove));
  keys
    .command("require")
    .description("refuse messages of an agent that it did not sign")
    .argument("<agent>")
    .option("--off", "take them again")
    .action(act<{ off?: true }>(demand));
}
async function make(cli: Cli): Promise<undefined> {
  const pair = await generateSigningKey();
  show(cli, pair, () => `Public key:  ${pair.publicKey}\nPrivate key: ${pair.privateKey}\nThe private key is kept nowhere else.`);
}
const columns: Column<SigningKey>[] = [
  { title: "PUBLIC KEY", of: ({ id }) => id },
  { title: "ADDED", of: ({ createdAt }) => ago(createdAt, Date.now()) },
  { title: "RETIRED", of: ({ retiredAt }) => (retiredAt === null ? null : ago(retiredAt, Date.now())) },
];
async function list(cli: Cli, _: object, id = ""): Promise<undefined> {
  const signing = await cli.client.getSigning({ params: { id }, signal: cli.signal });
  show(cli, signing, () => {
    const must = signing.required ? "It must sign what it sends.\n" : "";
    return must + showTable(cli, columns, signing.keys, "It has no keys.");
  });
}
async function add(cli: Cli, _: object, id = "", publicKey = ""): Promise<undefined> {
  const key = await cli.client.addSigningKey({ params: { id }, body: { publicKey }, signal: cli.signal });
  show(cli, key, () => `${id} signs with ${key.id}.`);
}
async function retire(cli: Cli, _: object, id = "", keyId = ""): Promise<undefined> {
  const key = await cli.client.retireSigningKey({ params: { id, keyId }, signal: cli.signal });
  show(cli, key, () => `Nothing more is taken that ${keyId} signs.`);
}
async function remove(cli: Cli, _: object, id = "", keyId = ""): Promise<undefined> {
  await cli.client.removeSigningKey({ params: { id, keyId }, signal: cli.signal });
  show(cli, { id: keyId }, () => `${keyId} verifies nothing any more.`);
}
async function demand(cli: Cli, { off }: { off?: true }, id = ""): Promise<undefined> {
  const signing = await cli.client.setSigning({ params: { id }, body: { required: off !== true }, signal: cli.signal });
  show(cli, signing, () => (signing.required ? `${id} must sign what it sends.` : `${id} need not sign what it sends.`));
}
