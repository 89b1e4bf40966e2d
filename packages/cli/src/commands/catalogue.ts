// `baton agents catalogue`: agents that can be put on any backing, and one of them with its persona.
import type { CatalogueEntry } from "@baton/contract";
import { type Cli, given, show, showTable } from "../cli.ts";
import type { Column } from "../print/table.ts";
import { plain } from "../print/text.ts";

export interface CatalogueOptions {
  category?: string;
  capability?: string;
}

export async function showCatalogue(cli: Cli, { category, capability }: CatalogueOptions, name?: string): Promise<undefined> {
  if (name !== undefined) {
    const entry = await cli.client.getCatalogueEntry({ params: { id: name }, signal: cli.signal });
    return show(cli, entry, () => toWords(cli, entry)) as undefined;
  }
  const catalogue = await cli.client.listCatalogue({ query: given({ category, capability }), signal: cli.signal });
  const columns: Column<CatalogueEntry>[] = [
    { title: "NAME", of: (entry) => entry.name },
    { title: "CATEGORY", of: (entry) => entry.category },
    { title: "CAN", of: (entry) => entry.capabilities.map((one) => one.name).join(", "), flexible: true },
    { title: "IS", of: (entry) => entry.description, flexible: true },
  ];
  show(cli, catalogue, () => showTable(cli, columns, catalogue.items, "There are no such entries."));
}

function toWords({ paint }: Cli, entry: CatalogueEntry): string {
  const also = entry.aliases.length === 0 ? [] : [`also called ${entry.aliases.join(", ")}`];
  const can = entry.capabilities.length === 0 ? [] : [`can ${entry.capabilities.map(({ name }) => name).join(", ")}`];
  const persona = entry.persona.trimEnd().split("\n");
  return [
    paint.bold(plain(entry.name)),
    ...[entry.description, `${entry.category}, ${entry.role}, priority ${entry.priority}`, ...also, ...can].map((line) => plain(line)),
    "",
    ...persona.map((line) => plain(line)),
  ].join("\n");
}
