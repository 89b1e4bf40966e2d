// A tool server opened outside of any attempt, to ask it what it is and has, and closed again.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { McpConnector } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { type Failure, fail } from "../time-limit.ts";
import { isFailure, openToolServer, type ToolServer, type ToolServersWorld } from "../tool-servers.ts";

export interface McpWorld extends ToolServersWorld {
  clock: Clock;
  /** Where each attempt gets its directory. Made when it is missing. */
  attemptsDirectory: string;
}

/** Never rejects. */
export async function visit<T extends object>(
  world: McpWorld,
  agent: ConnectorAgent,
  settings: McpConnector,
  timeoutMs: number,
  ask: (server: ToolServer, signal: AbortSignal) => Promise<T>,
): Promise<T | Failure> {
  const signal = AbortSignal.timeout(timeoutMs);
  const failed = (error: unknown): Failure =>
    signal.aborted
      ? fail("timeout", `The tool server did not answer within ${timeoutMs / 1000} s.`)
      : fail("unavailable", error instanceof Error ? error.message : String(error));
  try {
    return await inPlace(world.attemptsDirectory, async (home) => {
      const { environment, resourceLimits } = agent;
      const around = { cwd: home, home, environment, holder: agent, resourceLimits, attemptId: basename(home), signal };
      const nobody = async () => ({ decision: "ended" as const, comment: null });
      const server = await openToolServer(world, settings.server, { ...around, ask: nobody, askTimeoutMs: timeoutMs });
      if (isFailure(server)) return signal.aborted ? failed(undefined) : server;
      try {
        return await ask(server, signal);
      } finally {
        await server.close();
      }
    });
  } catch (error) {
    return failed(error);
  }
}

async function inPlace<T>(parent: string, work: (directory: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, "visit-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
