// What `baton.yaml` says of the workspaces of its repository: the commands that set one up and tear it down, and what they and whoever works there find in
// their environment. It is read once, from the commit a workspace begins from.
import { type WorkspaceNeeds, Refusal, type WorkspaceRun } from "@baton/contract";
import { runCommand } from "../programs/run-command.ts";
import { iso } from "../std/clock.ts";
import { tellNews } from "./news.ts";
import { insertRun, selectRuns } from "./run-rows.ts";
import type { FoundWorkspace, NewWorkspace } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** Of each command's output: the end. */
const MAX_SAID = 16 * 1024;
/** Of that, what a refusal says. */
const MAX_TOLD = 2000;
const MAX_RUNS = 500;

export const needsOf = ({ needs }: Pick<NewWorkspace, "needs">): WorkspaceNeeds | undefined =>
  needs === null ? undefined : (JSON.parse(needs) as WorkspaceNeeds);

/** @param repository its path. */
export function environmentOf(row: Pick<NewWorkspace, "path" | "branch" | "needs">, repository: string, ports: readonly number[]): Record<string, string> {
  const named = Object.fromEntries(ports.map((port, at) => [`BATON_PORT_${at + 1}`, String(port)]));
  const own = { BATON_WORKSPACE: row.path, BATON_BRANCH: row.branch, BATON_REPOSITORY: repository };
  return { ...own, ...(ports[0] === undefined ? {} : { PORT: String(ports[0]) }), ...named, ...needsOf(row)?.environment };
}

interface Running {
  row: Pick<FoundWorkspace, "id" | "path" | "branch" | "needs" | "task_id" | "agent_id" | "project">;
  environment: Record<string, string>;
  signal: AbortSignal;
}
/** @throws Refusal `conflict` with the end of what the first one that failed wrote. */
export async function setUp(world: WorkspacesWorld, running: Running): Promise<void> {
  const failed = await runAll(world, "setUp", running, true);
  if (failed)
    throw new Refusal(
      "conflict",
      `its set-up failed: ${failed.command} ${failed.how}.${failed.said === "" ? "" : ` It said:\n${failed.said.slice(-MAX_TOLD)}`}`,
    );
}
/** @returns in words what did not go well. */
export async function tearDown(world: WorkspacesWorld, running: Running): Promise<string | undefined> {
  const failed = await runAll(world, "tearDown", running, false);
  return failed && `${failed.command} ${failed.how}`;
}
/** @returns the first that failed. */
async function runAll(world: WorkspacesWorld, phase: WorkspaceRun["phase"], { row, environment, signal }: Running, endsOnFailure: boolean) {
  const commands = needsOf(row)?.[phase] ?? [];
  let failed: WorkspaceRun | undefined;
  for (const { command, args, timeoutMs, ...own } of commands) {
    const startedAt = world.clock.now();
    const run = await runCommand(
      { ...world, checksDirectory: world.workspaces.settings.scratchDirectory },
      {
        command,
        args,
        timeoutMs,
        environment: { ...environment, ...own.environment },
        stdin: "",
        mark: `workspace-${world.newId()}`,
        directory: () => row.path,
        signal,
      },
    );
    // Whoever stops this server lets the next one begin again.
    if (world.workspaces.ending.aborted) throw new Refusal("unavailable", "This server is stopping.");
    const done = { command: [command, ...args].join(" ").slice(0, 1000), ok: run.ok, how: run.how, said: run.said.slice(-MAX_SAID) };
    const durationMs = world.clock.now() - startedAt;
    await world.db.transaction(async (tx) => {
      await insertRun(tx, {
        workspace_id: row.id,
        phase,
        started_at: startedAt,
        duration_ms: durationMs,
        ...done,
        said: done.said.replaceAll("\0", ""),
        ok: done.ok ? 1 : 0,
      });
      tellNews(world, tx, phase === "setUp" ? "workspace.set_up" : "workspace.torn_down", row, {
        command: done.command,
        ok: done.ok,
        how: done.how,
        durationMs,
      });
    });
    world.events.committed();
    if (done.ok) continue;
    failed ??= { phase, ...done, startedAt: iso(startedAt), durationMs };
    if (endsOnFailure) break;
  }
  return failed;
}

/** Oldest first. */
export async function listRuns({ db }: Pick<WorkspacesWorld, "db">, { id }: Pick<FoundWorkspace, "id">): Promise<{ items: WorkspaceRun[] }> {
  const rows = await selectRuns(db, id, MAX_RUNS);
  return {
    items: rows.map(({ phase, command, ok, how, said, started_at, duration_ms }) => ({
      phase: phase as WorkspaceRun["phase"],
      command,
      ok: ok === 1,
      how,
      said,
      startedAt: iso(started_at),
      durationMs: duration_ms,
    })),
  };
}
