// The graph agent as its user starts it, a program of its own, with the scripted model behind it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { type ModelServer, startModelServer } from "../model-server/model-server.ts";

const PROGRAM = fileURLToPath(new URL("../../examples/agents/graph-agent/graph-agent.mjs", import.meta.url));

export interface GraphAgent {
  url: string;
  model: ModelServer;
  /** Starts it again where it was, after `kill`. */
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Asks it to end. @returns its exit code. */
  stop(): Promise<number | null>;
  health(): Promise<{ active: number; model: string | null }>;
}
interface Given {
  args?: string[];
  /** Which model; none with `{}`. */
  environment?: Record<string, string>;
}

export async function startGraphAgent({ args = [], environment }: Given = {}): Promise<GraphAgent> {
  const dataDir = mkdtempSync(join(tmpdir(), "graph-agent-"));
  const model = await startModelServer();
  let child: ChildProcess | undefined;
  let port = 0;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  const kill = () => end("SIGKILL");
  onTestFinished(async () => {
    await kill();
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const agent: GraphAgent = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    model,
    kill,
    stop: async () => {
      await end("SIGTERM");
      return child?.exitCode ?? null;
    },
    start: async () => {
      const env = { PATH: process.env["PATH"] ?? "", ...(environment ?? { MODEL: "scripted", MODEL_BASE_URL: `${model.url}/v1` }) };
      const started = spawn(process.execPath, [PROGRAM, "--port", String(port), "--data-dir", dataDir, "--until-stdin-ends", ...args], {
        env,
        stdio: ["pipe", "pipe", "pipe"],
      });
      child = started;
      let said = "";
      started.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const ended = once(started, "exit").then(() => Promise.reject(new Error(`The agent ended: ${said}`)));
      const [line] = (await Promise.race([once(createInterface({ input: started.stdout }), "line"), ended])) as [string];
      ended.catch(() => undefined);
      ({ port } = (JSON.parse(line) as { listening: { port: number } }).listening);
    },
    health: async () => (await (await fetch(`${agent.url}/health`)).json()) as { active: number; model: string | null },
  };
  await agent.start();
  return agent;
}

/** The stages the model was asked at, in order. */
export const stagesOf = ({ calls }: ModelServer): string[] => calls.map(({ prompt }) => /^Stage: (\w+)/.exec(prompt)?.[1] ?? prompt);
export const untilWaiting = (model: ModelServer): Promise<void> => expect.poll(() => model.waiting()).toBe(1);

/** What the model answers at a stage. */
export const at = (stage: string, verb: string, more: unknown = ""): string =>
  `[[when ${stage}: ${verb} ${typeof more === "string" ? more : JSON.stringify(more)}]]`;
export const twoSteps = at("Plan", "say", { steps: ["find", "write"].map((id) => ({ id, do: `${id} it` })) });
