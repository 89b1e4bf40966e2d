// `baton agents detect`: coding agents on the server's PATH, shown, and registered on a yes.
import { type Agent, type AgentInput, type FoundAgent, Refusal } from "@baton/contract";
import { type Cli, show, showTable } from "../cli.ts";
import { BadUsage, EXIT, Interrupted } from "../exit.ts";
import { plain } from "../print/text.ts";
import type { Column } from "../print/table.ts";
import type { Paint } from "../terminal.ts";

export interface DetectOptions {
  yes?: boolean;
  env?: string[];
  capabilities?: string[];
}

export async function detectAgents(cli: Cli, options: DetectOptions, names: readonly string[]): Promise<number> {
  const { items, looked } = await cli.client.detectAgents({ query: { ask: "true" }, signal: cli.signal });
  const strange = names.filter((name) => !items.some(({ id }) => id === name));
  if (strange.length > 0) throw new BadUsage(`${strange.join(", ")}: not found on the server's PATH (${looked.join(":")}).`);
  if (options.env !== undefined && names.length === 0) throw new BadUsage("Say which agents --env is for: baton agents detect NAME … --env VARIABLE");
  const environment = variablesOf(cli, options.env ?? []);
  const candidates = items.filter(isCandidate).filter(({ id }) => names.length === 0 || names.includes(id));
  if (!cli.json) cli.terminal.out.write(`${foundWords(cli, items, looked)}\n`);
  const chosen = await choose(cli, options.yes === true, candidates, names.length > 0);
  const registered: Agent[] = [];
  const refused: { name: string; why: string }[] = [];
  for (const { registration } of chosen) {
    const body: AgentInput = {
      ...registration,
      environment: { ...registration.environment, ...environment },
      ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
    };
    try {
      registered.push(await cli.client.createAgent({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal }));
    } catch (error) {
      // One that cannot be registered is no reason not to register the next.
      if (!(error instanceof Refusal) || error.code === "unauthorized") throw error;
      refused.push({ name: registration.name, why: error.message });
    }
  }
  if (cli.json || chosen.length > 0)
    show(cli, { items, looked, registered, refused }, () => [...registered.map(registeredWords), ...refused.map(refusedWords)].join("\n"));
  return refused.length > 0 ? EXIT.refused : EXIT.done;
}

/** Baton has a way to drive it, and does not yet. */
type Candidate = FoundAgent & { registration: object };
const isCandidate = (one: FoundAgent): one is Candidate => one.registration !== null && one.registeredAs === null;

/** Values of this shell's variables; they go to the server, which keeps them sealed. */
function variablesOf({ terminal }: Cli, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = terminal.environment[name];
      if (value === undefined || value === "") throw new BadUsage(`--env ${name}: it is not set in this shell.`);
      return [name, value];
    }),
  );
}

const colours = (paint: Paint) => ({ ready: paint.green, unknown: paint.yellow, missing: paint.red });

function foundWords(cli: Cli, items: readonly FoundAgent[], looked: readonly string[]): string {
  const columns: Column<FoundAgent>[] = [
    { title: "NAME", of: ({ id }) => id },
    { title: "WHAT", of: ({ title }) => title },
    { title: "VERSION", of: ({ version }) => version },
    { title: "LOGIN", of: ({ login }) => login.state, colour: ({ login }) => colours(cli.paint)[login.state] },
    { title: "REGISTERED", of: ({ registeredAs }) => registeredAs },
    { title: "REACHED BY", of: ({ how }) => how, flexible: true },
    { title: "WHY SO", of: ({ login }) => login.why, flexible: true },
  ];
  return showTable(cli, columns, items, `No coding agent was found in ${plain(looked.join(":"))}.`);
}

/** Those named are taken as they are; else one that has said it is not logged in has to be named. */
async function choose(cli: Cli, yes: boolean, candidates: readonly Candidate[], named: boolean): Promise<readonly Candidate[]> {
  const usable = candidates.filter(({ login }) => named || login.state !== "missing");
  if (yes) return usable;
  if (candidates.length === 0 || cli.json) return [];
  if (!cli.terminal.out.isTTY || !process.stdin.isTTY) {
    cli.terminal.out.write(
      `\nRegister them with: baton agents detect --yes${usable.length > 0 ? `, or some: baton agents detect ${usable[0]?.id} --yes` : ""}\n`,
    );
    return [];
  }
  // Loaded here: only who is asked needs it.
  const { isCancel, multiselect } = await import("@clack/prompts");
  const answer = await multiselect({
    message: "Register which? (space chooses, enter goes on)",
    options: candidates.map((one) => ({ value: one, label: one.id, hint: `${one.how}; login ${one.login.state}` })),
    initialValues: [...usable],
    required: false,
  });
  if (isCancel(answer)) throw new Interrupted("Nobody was registered.");
  return answer;
}

const registeredWords = ({ name, status }: Agent): string =>
  `Agent ${name} is registered and ${status.state}: ${plain(status.reason)}\nTry it with: baton agents test ${name}`;
const refusedWords = ({ name, why }: { name: string; why: string }): string => `Agent ${name} was refused: ${plain(why)}`;
