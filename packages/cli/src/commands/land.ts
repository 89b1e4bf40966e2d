// `baton land` and `baton landings …`: changes on their way to a target branch.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Landing, landingInput, landingQuery } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage, EXIT } from "../exit.ts";
import { readInputFile } from "../input-file.ts";
import type { Column } from "../print/table.ts";
import { ago, plain, plainLines } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";

interface LandOptions {
  repository?: string;
  target?: string;
  method?: string;
  push?: string;
  message?: string;
  task?: string;
  workspace?: string;
  feedback?: number;
  file?: string;
  wait: boolean;
}
interface ListOptions {
  repository?: string;
  state?: string;
  task?: string;
  limit: number;
  offset: number;
}
const LOOK_MS = 500;

export function addLandCommands(program: Command, act: Act): void {
  program
    .command("land")
    .description("land a branch or commit: merged onto the target as it is then, judged by its gates, and only then does the target move")
    .argument("[source]", "a branch, a tag or a commit")
    .option("-f, --file <path>", "a landing as YAML or JSON; - for standard input")
    .option("--repository <path>", "default: the one you are in")
    .option("--target <branch>", "default: the branch that the repository has checked out")
    .option("--method <how>", "merge, rebase or squash; default: what baton.yaml says, else merge")
    .option("--push <remote>", "move the branch of this remote, such as origin, in place of the one here")
    .option("-m, --message <text>", "of the commit that is made")
    .option("--task <id>", "the task whose work it is; without a source: what is in its work tree")
    .option("--workspace <id>", "what is in this work tree")
    .option("--feedback <n>", "how often what keeps it from landing goes back to the agent that did it; default: 3", toWholeNumber)
    .option("--no-wait", "do not wait for what becomes of it")
    .action(act<LandOptions>(land));
  const landings = program.command("landings").summary("list, show, cancel, retry").description("Changes on their way to a target branch.");
  landings
    .command("list")
    .description("landings, newest first")
    .option("--repository <path>", "of this repository")
    .option("-s, --state <state>", "queued, judging, moving, returned, landed, proposed, refused, cancelled, or open for those under way")
    .option("--task <id>", "of this task")
    .option("--limit <n>", "how many", toWholeNumber, 50)
    .option("--offset <n>", "how many to pass over", toWholeNumber, 0)
    .action(act<ListOptions>(list));
  landings
    .command("show")
    .description("one landing, with why it did not land")
    .argument("<id>")
    .action(act(async (cli, _, id = "") => tell(cli, await cli.client.getLanding({ params: { id }, signal: cli.signal }))));
  landings
    .command("cancel")
    .description("take it out of the queue")
    .argument("<id>")
    .action(act(async (cli, _, id = "") => void tell(cli, await cli.client.cancelLanding({ params: { id }, signal: cli.signal }))));
  landings
    .command("retry")
    .description("put one that was refused or cancelled into the queue again")
    .argument("<id>")
    .option("--no-wait", "do not wait for what becomes of it")
    .action(act<{ wait: boolean }>(async (cli, { wait }, id = "") => follow(cli, await cli.client.retryLanding({ params: { id }, signal: cli.signal }), wait)));
}

/** The root of the repository that a directory lies in, by what lies in it; the directory itself when it lies in none. */
export function repositoryAt(directory: string): string {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if (existsSync(join(at, ".git")) || dirname(at) === at) return dirname(at) === at ? resolve(directory) : at;
  }
}
async function land(cli: Cli, options: LandOptions, source?: string): Promise<number | undefined> {
  const { file, repository, target, method, push, message, task: taskId, workspace: workspaceId, feedback: maxFeedback, wait } = options;
  if ([file, source, taskId, workspaceId].every((one) => one === undefined))
    throw new BadUsage("Say what is to land: baton land <branch>, or --task <id> or --workspace <id> for what is in a work tree.");
  const written = file === undefined ? {} : await readInputFile(file, landingInput.partial());
  const typed = given({
    source,
    target,
    method,
    message,
    taskId,
    workspaceId,
    maxFeedback,
    mode: push === undefined ? undefined : { kind: "push", remote: push },
    repository: repository === undefined ? undefined : resolve(repository),
  });
  const here = "source" in typed || "source" in written ? { repository: repositoryAt(process.cwd()) } : {};
  const body = checked(landingInput, { ...here, ...written, ...typed });
  return follow(cli, await cli.client.createLanding({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal }), wait);
}
const isUnderWay = ({ state }: Landing): boolean =>
  state === "queued" || state === "judging" || state === "asking" || state === "moving" || state === "returned";
async function follow(cli: Cli, begun: Landing, wait: boolean): Promise<number | undefined> {
  let landing = begun;
  let said = "";
  while (wait && isUnderWay(landing)) {
    const now = `${landing.state}: ${plain(landing.reason)}`;
    if (!cli.json && now !== said) cli.terminal.err.write(`${now}\n`);
    said = now;
    await new Promise<void>((done, fail) => {
      cli.signal.addEventListener("abort", () => fail(cli.signal.reason as Error), { once: true });
      setTimeout(done, LOOK_MS);
    });
    landing = await cli.client.getLanding({ params: { id: landing.id }, signal: cli.signal });
  }
  return tell(cli, landing);
}
async function list(cli: Cli, { repository, state, task: taskId, limit, offset }: ListOptions): Promise<undefined> {
  const query = checked(landingQuery, given({ state, taskId, limit, offset, repository: repository === undefined ? undefined : resolve(repository) }));
  const page = await cli.client.listLandings({ query, signal: cli.signal });
  const columns: Column<Landing>[] = [
    { title: "ID", of: ({ id }) => id },
    { title: "SOURCE", of: ({ source }) => source },
    { title: "TARGET", of: ({ target }) => target },
    { title: "STATE", of: ({ state: at }) => at, colour: (one) => colourOf(cli, one) },
    { title: "WHEN", of: ({ updatedAt }) => ago(updatedAt, Date.now()) },
    { title: "WHY", of: ({ reason }) => reason, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "Nothing is on its way."));
}
const colourOf = ({ paint }: Cli, { state }: Landing) =>
  state === "landed" || state === "proposed" ? paint.green : state === "refused" ? paint.red : paint.yellow;

/** @returns 1 when it was refused. */
function tell(cli: Cli, landing: Landing): number | undefined {
  const { id, source, target, state, reason, failure, commit, verdictId, link } = landing;
  show(cli, landing, () =>
    [
      `${cli.paint.bold(plain(source))} → ${plain(target)}  ${colourOf(cli, landing)(state)}`,
      plainLines(failure?.detail ?? reason),
      ...(failure?.files ?? []).map(({ path, detail }) => `  ${plain(path)}: ${plain(detail)}`),
      ...(link === null ? [] : [plain(link)]),
      ...(commit === null ? [] : [`commit ${commit}`]),
      ...(verdictId === null ? [] : [`what the gates said: baton gates verdict ${verdictId}`]),
      `landing ${id}`,
    ].join("\n"),
  );
  return state === "refused" ? EXIT.failed : undefined;
}
