// The connector for the Agent Client Protocol: its contract, with a real agent that behaves, well or badly, as it is told.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import { agentFor, testConnector } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openAcpConnector } from "./acp.ts";

testConnector("acp", async () => {
  const directory = await mkdtemp(join(tmpdir(), "baton-acp-"));
  const programs = openPrograms(systemClock);
  const attemptsDirectory = join(directory, "attempts");
  return {
    connector: openAcpConnector({ clock: systemClock, programs, newId, attemptsDirectory, homesDirectory: join(directory, "homes") }),
    agent: agentFor({ kind: "acp", command: process.execPath, args: [fakeAgentPath("acp-agent.mjs")] }),
    // A directory per attempt, removed when all of it has ended.
    stillWorking: async () => (await readdir(attemptsDirectory).catch(() => [])).length,
    close: async () => {
      await programs.close();
      await rm(directory, { recursive: true });
    },
  };
});
