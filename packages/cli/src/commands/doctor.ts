// `baton doctor`: whether this machine can run Baton, and whether a server answers. Exit code 1 when something must be mended.
import { Refusal } from "@baton/contract";
import { Unreachable } from "@baton/client";
import type { Command } from "commander";
import { type Cli, show } from "../cli.ts";
import { type Finding, checkDataDir, checkNode, checkPort, checkPostgres, checkProgram, checkRedis } from "../doctor/checks.ts";
import { EXIT } from "../exit.ts";
import { stateColour } from "../print/state-colour.ts";
import { plain } from "../print/text.ts";
import { type Act, toWholeNumber } from "./command.ts";
import { manifest } from "./version.ts";

interface DoctorOptions {
  port: number;
  host: string;
  dataDir: string;
}

export function addDoctorCommand(program: Command, act: Act): void {
  program
    .command("doctor")
    .summary("whether this machine can run Baton")
    .description("Looks at Node, git, tmux, the data directory, the port, the databases that are configured, and the server. Changes nothing.")
    .option("--port <port>", "the port the server is to have", toWholeNumber, 8000)
    .option("--host <host>", "the address it is to listen on", "127.0.0.1")
    .option("--data-dir <path>", "where it is to keep its data", ".baton")
    .action(act<DoctorOptions>(doctor));
}

async function doctor(cli: Cli, options: DoctorOptions): Promise<number> {
  const server = await checkServer(cli);
  const findings = [
    checkNode(manifest.engines?.node ?? ">=20.19"),
    ...(await Promise.all([
      checkProgram("git", "--version", "agents that work on a repository cannot"),
      checkProgram("tmux", "-V", "agents in a terminal cannot be started"),
      checkDataDir(options.dataDir),
      ...databases(cli.terminal.environment),
      // A Baton that answers there is why its port is not free.
      ...(server.state === "ok" ? [] : [checkPort(options.host, options.port)]),
    ])),
    server,
  ];
  const isWell = findings.every(({ state }) => state !== "failed");
  show(cli, { ok: isWell, findings }, () => findings.map((finding) => findingLine(cli, finding)).join("\n"));
  return isWell ? EXIT.done : EXIT.failed;
}

const MARKS = { ok: "✓", warn: "!", failed: "✗" };
const findingLine = ({ paint }: Cli, { name, state, detail }: Finding): string =>
  `${stateColour(paint, state)(MARKS[state])} ${name.padEnd(9)} ${plain(detail)}`;

function databases(environment: Readonly<Record<string, string | undefined>>): Promise<Finding>[] {
  const { DATABASE_URL: postgres, REDIS_URL: redis } = environment;
  return [
    ...(postgres === undefined || !/^postgres(ql)?:/.test(postgres) ? [] : [checkPostgres(postgres)]),
    ...(redis === undefined ? [] : [checkRedis(redis)]),
  ];
}

/** A server that does not run is no fault: it may not have been started yet. */
async function checkServer({ client, url, signal }: Cli): Promise<Finding> {
  try {
    const { version } = await client.getLive({ signal });
    return { name: "server", state: "ok", detail: `${url} answers (version ${version})` };
  } catch (error) {
    if (error instanceof Unreachable) return { name: "server", state: "warn", detail: `nothing answers at ${url}: start it with baton up` };
    if (error instanceof Refusal) return { name: "server", state: "warn", detail: `${url} refuses: ${error.message}` };
    throw error;
  }
}
