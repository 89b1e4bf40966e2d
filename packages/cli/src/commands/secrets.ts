// `baton secrets …`: what registrations name as ${secret:name}. Values go in and are never shown.
import { type Secret, secretInput, secretValueInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { ago } from "../print/text.ts";
import type { Act } from "./command.ts";
import { readHidden } from "./read-hidden.ts";

interface Options {
  project?: string;
}
const PROJECT = ["--project <name>", "the project whose agents may name it; without: those that all projects share"] as const;

export function addSecretCommands(program: Command, act: Act): void {
  const secrets = program.command("secrets").summary("list, set, remove, rotate-key").description("Secrets that agents are given, and nobody is shown.");
  secrets.command("list").description("every name").action(act(listSecrets));
  secrets
    .command("set")
    .description("keep a secret, or give it another value; the value is read from standard input. Registrations name it as ${secret:name}")
    .argument("<name>")
    .option(...PROJECT)
    .action(act<Options>(setSecret));
  secrets
    .command("remove")
    .description("remove a secret")
    .argument("<name>")
    .option(...PROJECT)
    .action(act<Options>(removeSecret));
  secrets.command("rotate-key").description("put everything that is sealed at rest under the installation's newest key").action(act(rotateKey));
}

async function listSecrets(cli: Cli): Promise<undefined> {
  const page = await cli.client.listSecrets({ query: { limit: 500 }, signal: cli.signal });
  const columns: Column<Secret>[] = [
    { title: "NAME", of: ({ name }) => name, flexible: true },
    { title: "PROJECT", of: ({ projectId }) => projectId ?? "all" },
    { title: "VERSION", of: ({ version }) => String(version) },
    { title: "SET", of: ({ updatedAt }) => ago(updatedAt, Date.now()) },
    { title: "BY", of: ({ createdBy }) => createdBy, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no secrets. Keep one with: baton secrets set NAME"));
}
async function findSecret(cli: Cli, name: string, project: string | undefined): Promise<Secret | undefined> {
  const { items } = await cli.client.listSecrets({ query: { name, limit: 500 }, signal: cli.signal });
  const found = items.filter(({ projectId }) => project === undefined || projectId === project);
  const own = project === undefined ? found.find(({ projectId }) => projectId === null) : undefined;
  if (own) return own;
  if (found.length > 1) throw new BadUsage(`${name} is in several projects. Say which with --project: ${found.map(({ projectId }) => projectId).join(", ")}.`);
  return found[0];
}
async function setSecret(cli: Cli, { project }: Options, name = ""): Promise<undefined> {
  const { value } = checked(secretValueInput, { value: await readHidden(cli, "Value") });
  const before = await findSecret(cli, name, project);
  const secret = before
    ? await cli.client.replaceSecret({ params: { id: before.id }, body: { value }, signal: cli.signal })
    : await cli.client.createSecret({ body: checked(secretInput, { name, value, ...given({ projectId: project }) }), signal: cli.signal });
  show(cli, secret, () =>
    before ? `${name} has another value; agents get it when they are next called or started.` : `${name} is kept. Registrations name it as \${secret:${name}}.`,
  );
}
async function removeSecret(cli: Cli, { project }: Options, name = ""): Promise<undefined> {
  const found = await findSecret(cli, name, project);
  if (!found) throw new BadUsage(`There is no secret ${name}${project === undefined ? "" : ` in project ${project}`}. baton secrets list shows them.`);
  await cli.client.removeSecret({ params: { id: found.id }, signal: cli.signal });
  show(cli, { removed: name }, () => `${name} is removed.`);
}
async function rotateKey(cli: Cli): Promise<undefined> {
  const done = await cli.client.rotateSecretKey({ signal: cli.signal });
  const how = done.made ? "A new key was made; the old one goes when the server is next started." : "The key is what BATON_SECRET_KEY says.";
  show(cli, done, () => `${how} Sealed anew: ${done.resealed} values, under key ${done.keyId}.`);
}
