// What the tests of Claude Code's connector need: a connector with directories of its own, and a small agent that speaks its stream-json.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClaudeConnector, claudeConnector, type Outcome, type Update } from "@baton/contract";
import { openPrograms } from "../../programs/programs.ts";
import { newId, systemClock } from "../../std/clock.ts";
import type { ConnectorAgent } from "../connector.ts";
import { agentFor, attemptContext, workFor } from "../connector.testsuite.ts";
import { fakeAgentPath } from "../fake-agent.testkit.ts";
import { openClaudeConnector } from "./claude.ts";

export const settings = (changes: Partial<ClaudeConnector> = {}): ClaudeConnector =>
  claudeConnector.parse({ kind: "claude", command: process.execPath, args: [fakeAgentPath("claude-agent.mjs")], ...changes });

export async function openUnderTest() {
  const directory = await mkdtemp(join(tmpdir(), "baton-claude-"));
  const programs = openPrograms(systemClock);
  const attemptsDirectory = join(directory, "attempts");
  const connector = openClaudeConnector({ clock: systemClock, programs, newId, attemptsDirectory, homesDirectory: join(directory, "homes") });
  return {
    directory,
    connector,
    carryOut: async (description: string, changes: Partial<ClaudeConnector> = {}, more: Partial<ConnectorAgent> = {}, context = attemptContext()) => ({
      outcome: await connector.carryOut(agentFor(settings(changes), more), workFor(description), context),
      context,
    }),
    // Each attempt has its directories; they go when all of it has ended.
    stillWorking: async () => (await readdir(attemptsDirectory).catch(() => [])).length,
    close: async () => {
      await programs.close();
      await rm(directory, { recursive: true });
    },
  };
}
export type UnderTest = Awaited<ReturnType<typeof openUnderTest>>;

export function outputOf(outcome: Outcome): string {
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.output as string;
}
export const kinds = (updates: Update[], kind: Update["kind"]): Update[] => updates.filter((update) => update.kind === kind);
/** Pieces that follow each other are one text. */
export const said = (updates: Update[], kind: "text" | "thought"): string => updates.map((update) => (update.kind === kind ? update.text : "")).join("");
