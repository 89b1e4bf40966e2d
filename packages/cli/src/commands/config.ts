// `baton config`: what the server was started with, and what each setting means.
import { type Setting, settingGroups } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, show } from "../cli.ts";
import { plain } from "../print/text.ts";
import type { Act } from "./command.ts";

export function addConfigCommand(program: Command, act: Act): void {
  program
    .command("config")
    .summary("what the server was started with, and what each setting means")
    .description("Every setting of the server: what counts, and what it means. Settings are variables of its environment. Secret ones are not shown.")
    .option("--set", "only those that its environment has")
    .action(act<{ set?: boolean }>(showConfig));
}

async function showConfig(cli: Cli, { set = false }: { set?: boolean }): Promise<undefined> {
  const { items } = await cli.client.listSettings({ signal: cli.signal });
  const shown = items.filter(({ givenAs }) => !set || givenAs !== null);
  const inGroups = settingGroups.map((group) => [group, shown.filter((one) => one.group === group)] as const).filter(([, settings]) => settings.length > 0);
  show(cli, { items: shown }, () =>
    inGroups.map(([group, settings]) => `${cli.paint.bold(group)}\n${settings.map((one) => inLines(cli, one)).join("\n")}`).join("\n\n"),
  );
}
function inLines({ paint }: Cli, { name, givenAs, meaning, isSecret, value }: Setting): string {
  const counts = isSecret ? (givenAs === null ? "not set" : "set, and not shown") : (value ?? "not set");
  const left = `${givenAs ?? name} = ${plain(counts)}`;
  return `  ${givenAs === null ? left : paint.bold(left)}\n    ${paint.dim(meaning)}`;
}
