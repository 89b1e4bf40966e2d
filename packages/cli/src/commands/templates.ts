// `baton templates …`: how HTTP agents of different makes are spoken with.
import { type Template, templateInput } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, show, showTable } from "../cli.ts";
import { readInputFile } from "../input-file.ts";
import type { Column } from "../print/table.ts";
import { plain } from "../print/text.ts";
import type { Act } from "./command.ts";

export function addTemplateCommands(program: Command, act: Act): void {
  const templates = program.command("templates").summary("list, show, add, remove").description("How HTTP agents of different makes are spoken with.");
  templates.command("list").description("every template").action(act(list));
  templates.command("show").description("one template with its mappings").argument("<name>").action(act(showOne));
  templates
    .command("add")
    .description("add a template of your own")
    .requiredOption("-f, --file <path>", "the template as YAML or JSON; - for standard input")
    .action(act<{ file: string }>(add));
  templates.command("remove").description("remove a template of yours").argument("<name>").action(act(remove));
}

async function list(cli: Cli): Promise<undefined> {
  const found = await cli.client.listTemplates({ signal: cli.signal });
  const columns: Column<Template>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "FRAMEWORK", of: ({ framework }) => framework },
    { title: "OWN", of: ({ isBuiltin }) => (isBuiltin ? "" : "yes") },
    { title: "CALLS", of: ({ requestMapping: { method, path } }) => `${method} ${path}`, flexible: true },
    { title: "DESCRIPTION", of: ({ description }) => description, flexible: true },
  ];
  show(cli, found, () => showTable(cli, columns, found.items, "There are no templates."));
}

/** A template is a mapping: people read it in the same form as programs. */
async function showOne(cli: Cli, _: object, name = ""): Promise<undefined> {
  const template = await cli.client.getTemplate({ params: { id: name }, signal: cli.signal });
  const { id, seq, isBuiltin, isActive, createdAt, updatedAt, ...written } = template;
  show(
    cli,
    template,
    () =>
      `${cli.paint.bold(plain(template.displayName))}${isBuiltin ? cli.paint.dim("  built in") : ""}\n${plain(template.description)}\n${JSON.stringify(written, null, 2)}`,
  );
}

async function add(cli: Cli, { file }: { file: string }): Promise<undefined> {
  const template = await cli.client.createTemplate({ body: await readInputFile(file, templateInput), idempotencyKey: crypto.randomUUID(), signal: cli.signal });
  show(cli, template, () => `Template ${template.name} is added.`);
}

async function remove(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.removeTemplate({ params: { id: name }, signal: cli.signal });
  show(cli, { removed: name }, () => `Template ${name} is removed.`);
}
