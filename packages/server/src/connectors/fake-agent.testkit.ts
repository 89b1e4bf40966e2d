// Starts a fake agent of tests/fake-agents as a real process and ends it again.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../../../tests/fake-agents/", import.meta.url);
export const fakeAgentPath = (file: string): string => fileURLToPath(new URL(file, FOLDER));

/** The port it printed, and a way to end it. It also ends by itself when this process does: its stdin closes. */
export async function startFakeAgent(file: string, ...args: string[]): Promise<{ port: number; close(): Promise<void> }> {
  const child = spawn(process.execPath, [fakeAgentPath(file), ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const port = await firstLine(child).then((line) => (JSON.parse(line) as { port: number }).port);
  return {
    port,
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The fake agent has no stdout.");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("The fake agent ended before it said anything.");
}
