// A server without doors for tests: real store, real turn, agents whose answers the test scripts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { type AgentInput, agentInput, type Outcome, parse, type Task, type TaskInput, type Work } from "@baton/contract";
import { openAgentChanges, openRegistry } from "../agents/agents.ts";
import { openSight, type Sight } from "../conflicts/conflicts.ts";
import { openStandingBudgets } from "../budgets/budgets.ts";
import { createAgent } from "../agents/create-agent.ts";
import type { AttemptContext, Connector } from "../connectors/connector.ts";
import { type DialinConnector, openDialinConnector } from "../connectors/dialin/dialin.ts";
import { openPrograms } from "../programs/programs.ts";
import { openGit } from "../workspaces/git.ts";
import { openWorkspaces, type WorkspaceSettings } from "../workspaces/workspaces.ts";
import { openEventLog } from "../events/events.ts";
import { type Clock, newId, systemClock } from "../std/clock.ts";
import { openSeal } from "../std/seal.ts";
import { migrate } from "../store/migrate.ts";
import { freshSchema, type OpenStore } from "../store/fresh-schema.testkit.ts";
import { openSqlite } from "../store/sqlite.ts";
import { type DispatcherSettings, getTask, openDispatcher, openPlanLibrary, submitUnparsed, type TasksWorld } from "./tasks.ts";

export { freshSchema, type OpenStore };

/** What a scripted agent does with a piece of work. */
export type Script = (work: Work, context: AttemptContext, agentName: string) => Promise<Outcome> | Outcome;
export const done = (output: unknown = "done"): Outcome => ({ ok: true, output: output as never });
export const untilAborted = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "told to stop" }), { once: true }));

export const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object, message: string) => console.error(message, fields),
};

export interface TestServer extends TasksWorld {
  dialin: DialinConnector;
  addAgent(name: string, more?: Partial<AgentInput>): Promise<string>;
  submit(input: TaskInput): Promise<string>;
  /** Waits until the task is in one of these statuses. */
  until(id: string, ...statuses: Task["status"][]): Promise<Task>;
  stop(): Promise<void>;
}
export function sqliteStores(): { open: OpenStore; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "baton-test-"));
  return { open: async () => openSqlite({ file: join(directory, "baton.db"), synchronous: "normal" }), remove: () => rmSync(directory, { recursive: true }) };
}
/**
 * Each kind of store that is here, with a way to a fresh one; undefined where it is absent and may be. Called while a file is collected: what it makes goes
 * when the file is done.
 */
export async function eachStore(): Promise<[string, (() => Promise<OpenStore>) | undefined][]> {
  const removals: (() => void)[] = [];
  afterAll(() => {
    for (const remove of removals) remove();
  });
  const freshFile = async (): Promise<OpenStore> => {
    const stores = sqliteStores();
    removals.push(stores.remove);
    return stores.open;
  };
  const url = await postgresUrl();
  const database = url === undefined ? undefined : await createDatabase(url);
  return [
    ["SQLite", freshFile],
    ["Postgres", database === undefined ? undefined : () => freshSchema(database)],
  ];
}
export async function openTestServer(
  open: OpenStore,
  script: Script,
  {
    workspaces,
    ...settings
  }: Partial<DispatcherSettings> & { conflicts?: Sight["policy"]; conflictWaitMs?: number; workspaces?: Partial<WorkspaceSettings> } = {},
  clock: Clock = systemClock,
): Promise<TestServer> {
  const db = await open();
  await migrate(db, clock.now());
  const seal = openSeal(Buffer.alloc(32, 7));
  const events = await openEventLog({ db, clock, newId, pollMs: 100 });
  const registry = await openRegistry(db, seal, clock);
  const budgets = await openStandingBudgets(db);
  const connector: Connector = {
    kind: "process",
    check: async () => undefined,
    carryOut: async (agent, work, context) => script(work, context, agent.name),
    hand: async ({ name, connector: settings }) => {
      if (settings.kind !== "mcp") throw new Error(`${name} is no tool server.`);
      return { ...settings.server, name };
    },
    close: async () => undefined,
  };
  const dialin = openDialinConnector({ clock });
  const connectorOf = (kind: string) => (kind === "dialin" ? dialin : connector);
  const programs = openPrograms(clock);
  const git = openGit({ programs, newId });
  const workspacesDirectory = mkdtempSync(join(tmpdir(), "baton-test-workspaces-"));
  const scratchDirectory = join(tmpdir(), "baton-test-checks");
  const workspaceSettings = { host: "test", ports: { from: 21_000, to: 21_999 }, maxDiskMb: undefined, retentionMs: 3_600_000, scratchDirectory };
  const held = await openWorkspaces(
    { db, clock, newId, log: silent, events, git, programs },
    { directory: workspacesDirectory, serverName: "test", settings: { ...workspaceSettings, ...workspaces } },
  );
  const base = {
    git,
    workspaces: held.workspaces,
    db,
    clock,
    newId,
    seal,
    events,
    registry,
    changes: openAgentChanges({ db, events, registry }),
    budgets,
    sight: openSight({ policy: settings.conflicts ?? "off", longestWaitMs: settings.conflictWaitMs ?? 3_600_000 }),
    log: silent,
    connectorOf,
    ownTools: async () => undefined,
    random: () => 0,
    adopt: dialin.adopt,
    programs,
    checksDirectory: join(tmpdir(), "baton-test-checks"),
  };
  const all: DispatcherSettings = {
    serverName: "test",
    leaseMs: 3000,
    pollMs: 100,
    healthCheckMs: 60_000,
    maxConcurrentAttempts: 1000,
    defaultTimeoutMs: 10_000,
    drainMs: 200,
    sessionIdleMs: 86_400_000,
    sessionRetentionMs: 86_400_000,
    ...settings,
  };
  const dispatcher = await openDispatcher({ ...base, settings: all });
  const world: TasksWorld = { ...base, plans: openPlanLibrary(undefined), settings: all, dispatcher };
  return {
    ...world,
    dialin,
    addAgent: async (name, more = {}) =>
      (await createAgent(world, parse(agentInput, { name, connector: { kind: "process", command: "true" }, maxConcurrentTasks: 100, ...more }, "body"))).id,
    submit: async (input) => (await submitUnparsed(world, input, { mayCheck: true, mayName: true })).id,
    until: async (id, ...statuses) => {
      const signal = AbortSignal.timeout(60_000);
      const after = 0;
      for await (const _ of events.follow({ after, filter: { taskId: id }, signal })) {
        const task = await getTask(world, id);
        if (statuses.includes(task.status)) return task;
      }
      const task = await getTask(world, id);
      throw new Error(`Task ${id} is ${task.status} (${task.reason}), not ${statuses.join(" or ")}.`);
    },
    stop: async () => {
      await dispatcher.stop();
      await held.close();
      rmSync(workspacesDirectory, { recursive: true });
      await events.close();
      await db.close();
    },
  };
}
