// A server in this process: what `baton up` runs, and what `baton demo` runs for itself where none answers.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Baton } from "@baton/server";
import { Refusal } from "@baton/contract";
import type { Terminal } from "./terminal.ts";

export interface ServerOptions {
  port?: number;
  host?: string;
  dataDir?: string;
}
export interface RunningServer extends Baton {
  dataDir: string;
  /** For people: the data directory, or which Postgres. */
  store: string;
  /** For agents of ours: the first of the server's keys. */
  apiKey: string | undefined;
  /** Where the log goes when it does not go to stderr. */
  logFile: string | undefined;
}

/** @throws Refusal when the settings, the data directory or the port forbid it */
export async function startServer(options: ServerOptions, terminal: Terminal): Promise<RunningServer> {
  // Loaded here and not above: the other commands have no use for a server and start sooner without.
  const { readConfig, startBaton } = await import("@baton/server");
  const config = readConfig(terminal.environment, options);
  // A person looks at the terminal; a service manager collects stderr.
  const logFile = config.logFile ?? (terminal.err.isTTY ? join(config.dataDir, "baton.log") : undefined);
  const dashboardDir = config.dashboardDir ?? builtDashboard();
  try {
    const baton = await startBaton(
      { ...options, ...(logFile === undefined ? {} : { logFile }), ...(dashboardDir === undefined ? {} : { dashboardDir }) },
      terminal.environment,
    );
    return { ...baton, dataDir: config.dataDir, store: storeName(config), apiKey: config.apiKeys[0], logFile };
  } catch (error) {
    throw isPortTaken(error)
      ? new Refusal("unavailable", `${config.host}:${config.port} is in use. Choose another with --port (npm start -- --port 8001); 0 takes any that is free.`)
      : error;
  }
}

const isPortTaken = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EADDRINUSE";

/** Without the password that may be in the address. */
function storeName({ databaseUrl, dataDir }: { databaseUrl: string | undefined; dataDir: string }): string {
  if (databaseUrl === undefined) return dataDir;
  const at = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  return at === undefined ? "Postgres" : `Postgres at ${at.host}${at.pathname}`;
}

function builtDashboard(): string | undefined {
  const folder = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
