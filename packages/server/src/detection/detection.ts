// The door of the room: looks for coding agents where this server would run them, and says how each would be registered.
// What is found is run with `--version` and at most one status command; nothing of this server's environment is handed to it but the PATH.
import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute } from "node:path";
import {
  type AgentInput,
  agentInput,
  connector as connectorSettings,
  type ConnectorSettings,
  type FoundAgent,
  type FoundAgents,
  type ParsedAgentInput,
  Refusal,
} from "@baton/contract";
import { findProgram, openPrograms, type Programs, SAFE_PATH } from "../programs/programs.ts";
import type { Clock } from "../std/clock.ts";
import { CODING_CAPABILITIES, KNOWN_CLIS, type KnownCli } from "./known-clis.ts";
import { toLogin } from "./login.ts";
import { runBriefly } from "./run-briefly.ts";

export interface DetectionWorld {
  clock: Clock;
  newId(): string;
  /** This server's own. */
  environment: Readonly<Record<string, string | undefined>>;
  /** For folders that last as long as one look. */
  scratchDirectory: string;
}
export interface Detection {
  /** `ask`: whether the programs may be run; without, version and login are told only as far as files tell. Nobody is known as registered here. */
  detect(given: { ask: boolean }): Promise<FoundAgents>;
  /** Ends what still runs. */
  close(): Promise<void>;
}
interface Place extends DetectionWorld {
  programs: Programs;
  home: string;
  path: string;
}

export function openDetection(world: DetectionWorld): Detection {
  const programs = openPrograms(world.clock);
  const looked = (world.environment["PATH"] ?? SAFE_PATH).split(delimiter).filter(isAbsolute);
  const place: Place = { ...world, programs, home: world.environment["HOME"] ?? homedir(), path: looked.join(delimiter) };
  /** Asking costs seconds of processors: those who ask meanwhile get the same answer. */
  let asking: Promise<FoundAgents> | undefined;
  const look = async (ask: boolean): Promise<FoundAgents> => {
    const found = (await Promise.all(KNOWN_CLIS.map((cli) => detect(place, cli, ask)))).filter((one) => one !== undefined);
    const isDouble = ({ id }: FoundAgent): boolean => found.some((other) => other.id === KNOWN_CLIS.find((cli) => cli.id === id)?.unless);
    return { items: found.filter((one) => !isDouble(one)), looked };
  };
  return {
    detect: ({ ask }) => {
      if (!ask) return look(false);
      asking ??= look(true).finally(() => {
        asking = undefined;
      });
      return asking;
    },
    close: () => programs.close(),
  };
}

async function detect(world: Place, cli: KnownCli, ask: boolean): Promise<FoundAgent | undefined> {
  const { path } = world;
  const program = await firstOnPath(cli.programs, path);
  if (program === undefined) return undefined;
  const run = (args: readonly string[], home?: string) =>
    runBriefly(world.programs, world.scratchDirectory, {
      command: program,
      args,
      path,
      mark: `detect-${world.newId()}`,
      ...(home === undefined ? {} : { home }),
    });
  const { said } = ask ? await run(["--version"]) : { said: "" };
  if (cli.isIt !== undefined && !cli.isIt(await realpath(program), said)) return undefined;
  const isSet = (name: string): boolean => (world.environment[name] ?? "") !== "";
  const exitOf = async (args: readonly string[]): Promise<number | null> => (ask ? (await run(args, world.home)).code : null);
  const adapter = cli.adapter === undefined ? undefined : await firstOnPath([cli.adapter], path);
  const { connector, how } = toConnector(cli, program, adapter);
  return {
    id: cli.id,
    title: cli.title,
    program,
    version: /\d+\.\d+(\.\d+)?([-+][\w.+-]*\w)?/.exec(said)?.[0] ?? null,
    login: await toLogin({ home: world.home, isSet, exitOf }, cli),
    how,
    registration: connector === undefined ? null : toRegistration(world, cli, program, connector),
    registeredAs: null,
  };
}

const toRegistration = ({ home }: Place, cli: KnownCli, program: string, connector: ConnectorSettings): ParsedAgentInput =>
  agentInput.parse({
    name: cli.id,
    description: `${cli.title}, found at ${program}`,
    type: cli.id,
    connector,
    capabilities: CODING_CAPABILITIES,
    // Its login lies in the HOME of whoever runs this server; its interpreter and its tools on the PATH.
    environment: { HOME: home, PATH: pathFor(program) },
  } satisfies AgentInput);

async function firstOnPath(names: readonly string[], path: string): Promise<string | undefined> {
  for (const command of names) {
    const found = await findProgram({ command }, { PATH: path }, path).catch((error: unknown) => {
      if (error instanceof Refusal) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

function toConnector(cli: KnownCli, program: string, adapter: string | undefined): { connector?: ConnectorSettings; how: string } {
  const { reach } = cli;
  const reached = (settings: AgentInput["connector"], how: string) => ({ connector: connectorSettings.parse(settings), how });
  if (adapter !== undefined) return reached({ kind: "acp", ...agentOf(cli), command: adapter }, `acp, through ${adapter}`);
  if (reach.kind === "claude") return reached({ kind: "claude", command: program }, "claude, in its own stream of JSON");
  if (reach.kind === "acp")
    return reached({ kind: "acp", ...agentOf(cli), command: program, args: [...reach.args] }, `acp, as \`${[cli.programs[0], ...reach.args].join(" ")}\``);
  if (reach.kind === "terminal") return reached({ kind: "terminal", command: program, ready: reach.ready }, "terminal, in tmux");
  return { how: cli.adapter === undefined ? "not yet: it speaks no protocol that is known here" : `not as it is: install ${cli.adapter}` };
}
const agentOf = ({ acpAgent, mode }: KnownCli) => ({ ...(acpAgent === undefined ? {} : { agent: acpAgent }), ...(mode === undefined ? {} : { mode }) });

/** Its own folder, that of this Node, and the system's. */
const pathFor = (program: string): string => [...new Set([dirname(program), dirname(process.execPath), ...SAFE_PATH.split(delimiter)])].join(delimiter);
