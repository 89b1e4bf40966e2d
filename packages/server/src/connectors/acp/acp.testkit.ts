// The connector with the fake agent of tests/fake-agents/acp-agent.mjs behind it, and a place of its own.
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AcpConnector, Outcome, Work } from "@baton/contract";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { Connector, ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openAcpConnector } from "./acp.ts";

export interface AcpBench {
  connector: Connector;
  directory: string;
  /** The fake agent with these arguments and settings. */
  agent(args?: string[], settings?: Partial<AcpConnector>, more?: Partial<ConnectorAgent>): ConnectorAgent;
  carryOut(description: string, agent?: ConnectorAgent, context?: ReturnType<typeof attemptContext>, changes?: Partial<Work>): Promise<Outcome>;
  stillWorking(): Promise<number>;
  close(): Promise<void>;
}

export async function openAcpBench(openingMs?: number): Promise<AcpBench> {
  // On some systems the directory for temporary files is a link; agents name real paths.
  const directory = await realpath(await mkdtemp(join(tmpdir(), "baton-acp-")));
  const programs = openPrograms(systemClock);
  const attemptsDirectory = join(directory, "attempts");
  const connector = openAcpConnector({ clock: systemClock, programs, newId, attemptsDirectory, homesDirectory: join(directory, "homes"), openingMs });
  const agent = (args: string[] = [], settings: Partial<AcpConnector> = {}, more: Partial<ConnectorAgent> = {}): ConnectorAgent =>
    agentFor({ kind: "acp", command: process.execPath, args: [fakeAgentPath("acp-agent.mjs"), ...args], ...settings }, more);
  return {
    connector,
    directory,
    agent,
    carryOut: (description, given = agent(), context = attemptContext(), changes = {}) => connector.carryOut(given, workFor(description, changes), context),
    // A directory per attempt, removed when all of it has ended.
    stillWorking: async () => (await readdir(attemptsDirectory).catch(() => [])).length,
    close: async () => {
      await programs.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The text a turn came to. */
export function outputOf(outcome: Outcome): string {
  if (outcome.ok && typeof outcome.output === "string") return outcome.output;
  throw new Error(JSON.stringify(outcome));
}
