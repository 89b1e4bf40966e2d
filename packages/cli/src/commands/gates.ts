// `baton gates …`: what a change has to pass before it lands, and what gates said.
import { resolve } from "node:path";
import { type Gate, gateList, gateSetInput, gateSetQuery, type Verdict, verdictQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { readInputFile } from "../input-file.ts";
import type { Column } from "../print/table.ts";
import { ago, duration, plain, plainLines } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";
import { repositoryAt } from "./land.ts";

interface PageOptions {
  repository?: string;
  landing?: string;
  limit: number;
  offset: number;
}
export function addGateCommands(program: Command, act: Act): void {
  const gates = program
    .command("gates")
    .summary("list, set, remove, verdicts, verdict")
    .description("What a change has to pass before it lands. Those of a repository's baton.yaml stand there; these are added to them.");
  gates
    .command("list")
    .description("gates that were defined here, by repository")
    .option("--repository <path>", "of this repository")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<PageOptions>(list));
  gates
    .command("set")
    .description("define the gates of a repository, in place of those defined here before")
    .requiredOption("-f, --file <path>", "a list of gates as YAML or JSON; - for standard input")
    .option("--repository <path>", "default: the one you are in")
    .action(act<{ file: string; repository?: string }>(set));
  gates
    .command("remove")
    .description("remove the gates of a repository that were defined here; those of its baton.yaml stay")
    .argument("<id>")
    .action(
      act(async (cli, _, id = "") => {
        await cli.client.removeGates({ params: { id }, signal: cli.signal });
        show(cli, { removed: id }, () => `Gates ${id} are removed.`);
        return undefined;
      }),
    );
  gates
    .command("verdicts")
    .description("what gates said of which tree, newest first")
    .option("--repository <path>", "of this repository")
    .option("--landing <id>", "of this landing")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<PageOptions>(listVerdicts));
  gates.command("verdict").description("one verdict, with what each gate said").argument("<id>").action(act(showVerdict));
}
const inWords = (gate: Gate): string => (gate.kind === "command" ? [gate.command, ...gate.args].join(" ") : gate.kind);

async function list(cli: Cli, { repository, limit, offset }: PageOptions): Promise<undefined> {
  const query = checked(gateSetQuery, given({ limit, offset, repository: repository === undefined ? undefined : resolve(repository) }));
  const page = await cli.client.listGates({ query, signal: cli.signal });
  const words = page.items.map(({ id, repository: path, gates }) =>
    [`${cli.paint.bold(plain(path))}  ${id}`, ...gates.map((gate) => `  ${plain(gate.name)}: ${plain(inWords(gate))}`)].join("\n"),
  );
  show(cli, page, () => (words.length === 0 ? cli.paint.dim("No gates were defined here. Those of a baton.yaml stand in its repository.") : words.join("\n")));
}
async function set(cli: Cli, { file, repository }: { file: string; repository?: string }): Promise<undefined> {
  const gates = await readInputFile(file, gateList);
  const body = checked(gateSetInput, { repository: repository === undefined ? repositoryAt(process.cwd()) : resolve(repository), gates });
  const stored = await cli.client.putGates({ body, signal: cli.signal });
  show(
    cli,
    stored,
    () => `${stored.gates.length} gate${stored.gates.length === 1 ? "" : "s"} for ${plain(stored.repository)}, besides those of its baton.yaml.`,
  );
}
type Summary = Omit<Verdict, "results">;
async function listVerdicts(cli: Cli, { repository, landing: landingId, limit, offset }: PageOptions): Promise<undefined> {
  const query = checked(verdictQuery, given({ limit, offset, landingId, repository: repository === undefined ? undefined : resolve(repository) }));
  const page = await cli.client.listVerdicts({ query, signal: cli.signal });
  const columns: Column<Summary>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "STATE", of: ({ state }) => state, colour: ({ passes }) => (passes ? cli.paint.green : cli.paint.red) },
    { title: "TREE", of: ({ tree }) => tree.slice(0, 12) },
    { title: "WHEN", of: ({ createdAt }) => ago(createdAt, Date.now()) },
    { title: "WHY", of: ({ reason }) => reason, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "No gate has said anything yet."));
}
async function showVerdict(cli: Cli, _: object, id = ""): Promise<undefined> {
  const verdict = await cli.client.getVerdict({ params: { id }, signal: cli.signal });
  show(cli, verdict, () =>
    [
      `${(verdict.passes ? cli.paint.green : cli.paint.red)(verdict.state)}  tree ${verdict.tree}`,
      ...verdict.results.flatMap(({ name, state, reason, detail, runs }) => [
        `${cli.paint.bold(plain(name))}  ${state}  ${plain(reason)}`,
        ...(detail === "" ? [] : [plainLines(detail)]),
        ...runs.map(({ how, durationMs }, at) => `  run ${at + 1}: ${plain(how)}, ${duration(durationMs)}`),
      ]),
    ].join("\n"),
  );
}
