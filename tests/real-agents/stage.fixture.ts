// Where a real agent is driven: a scripted model, a HOME of the agent's own, a git repository, and a real server that is spoken to by its client.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { tmpdir } from "node:os";
import type { AgentInput, Attempt, Permissions, Task, TaskInput, Update } from "@baton/contract";
import { onTestFinished } from "vitest";
import { type Journey, startJourney } from "../journeys/world.fixture.ts";
import { type ModelServer, startModelServer } from "../model-server/model-server.ts";
import { furnish, type RealAgent, type Surroundings } from "./real-agent.ts";

/** What all tests of one agent share. */
export interface Backstage extends Surroundings {
  server: ModelServer;
  close(): Promise<void>;
}
export interface Stage extends Journey {
  repository: string;
  /** In the agent's repository. */
  file(name: string): { path: string; read(): string | undefined };
  register(permissions: Permissions, more?: Partial<AgentInput>): Promise<void>;
  submit(steps: NonNullable<TaskInput["steps"]>): Promise<string>;
  /** Hands in one step, waits for its end. */
  carryOut(prompt: string): Promise<{ task: Task; attempt: Attempt; updates: Update[] }>;
}

export async function openBackstage(agent: RealAgent): Promise<Backstage> {
  const server = await startModelServer();
  const home = realpathSync(mkdtempSync(join(tmpdir(), "baton-agent-home-")));
  furnish(agent, { model: server.url, home });
  return {
    server,
    model: server.url,
    home,
    close: async () => {
      await server.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function openStage(agent: RealAgent, at: Backstage): Promise<Stage> {
  const journey = await startJourney();
  const { client } = journey;
  const repository = makeRepository();
  const submit = async (steps: NonNullable<TaskInput["steps"]>): Promise<string> =>
    (
      await client.submitTask({
        body: { description: "Try the agent.", repository, steps: steps.map((step) => (step.continues === undefined ? { ...step, agent: agent.name } : step)) },
      })
    ).id;
  return {
    ...journey,
    repository,
    file: (name) => {
      const path = join(repository, name);
      return { path, read: () => (readdirSync(repository).includes(name) ? readFileSync(path, "utf8") : undefined) };
    },
    register: async (permissions, more = {}) => {
      const environment = { ...(agent.livesInItsOwnHome ? {} : { HOME: at.home }), PATH, ...proxyFor(agent, at), ...agent.environment(at) };
      await client.createAgent({ body: { name: agent.name, connector: agent.connector(permissions), environment, ...more } });
    },
    submit,
    carryOut: async (prompt) => {
      const task = await client.waitForTask(await submit([{ id: "work", description: prompt, timeoutMs: 60_000 }]));
      const attempt = task.steps[0]?.attempts[0];
      if (attempt === undefined) throw new Error(`Nobody tried: ${task.reason}`);
      return { task, attempt, updates: await updatesOf(journey, attempt.id) };
    },
  };
}

/** Node for those that are scripts, git for those that look at the repository. */
const PATH = [...new Set([dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"])].join(delimiter);

/** Whoever wants to go further than the model is stopped and noted. */
const proxyFor = ({ ignoresNoProxy }: RealAgent, { model }: Surroundings): Record<string, string> =>
  ignoresNoProxy ? {} : { HTTPS_PROXY: model, HTTP_PROXY: model, NO_PROXY: "127.0.0.1,localhost" };

function makeRepository(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "baton-repository-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  const git = (...args: string[]) => execFileSync("git", ["-C", path, "-c", "user.name=A", "-c", "user.email=a@example.org", ...args]);
  git("init", "--quiet");
  writeFileSync(join(path, "README.md"), "# Trial\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "Begin");
  return path;
}
export const changesIn = (repository: string): string[] =>
  execFileSync("git", ["-C", repository, "status", "--porcelain"], { encoding: "utf8" }).trim().split("\n");

async function updatesOf({ client }: Journey, attemptId: string): Promise<Update[]> {
  return (await client.listAttemptUpdates({ params: { id: attemptId }, query: { limit: 500 } })).items.map(({ update }) => update);
}

/** Processes of an attempt that live, by the mark that each carries; Linux only. */
export function processesOf(attemptId: string): number[] {
  const environment = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1");
    } catch (error) {
      // It ended between being listed and being read, or is a kernel's own.
      if (error instanceof Error) return "";
      throw error;
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && environment(name).includes(attemptId))
    .map(Number);
}
