// How much of the disk workspaces take, and when there are no more made. Measured where there is a limit, whenever an attempt leaves one; one that is not measured
// yet is before the next is made, or, while it is being made, is reckoned to come to what the largest of its repository takes. The objects of the repository,
// which all share, are not counted.
import { Refusal, type WorkspaceNeeds } from "@baton/contract";
import { runCommand } from "../programs/run-command.ts";
import { needsOf } from "./needs.ts";
import { retireForRoom } from "./retire.ts";
import { selectSizes, selectUnmeasured, type FoundWorkspace, updateBytes } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

const MEASURE_MS = 60_000;
const MB = 1_000_000;

export const isLimited = ({ workspaces }: Pick<WorkspacesWorld, "workspaces">, row: FoundWorkspace): boolean =>
  workspaces.settings.maxDiskMb !== undefined || needsOf(row)?.maxDiskMb !== undefined;
/** What cannot be measured keeps the size it had. */
export async function measure(world: WorkspacesWorld, { id, path }: Pick<FoundWorkspace, "id" | "path">): Promise<void> {
  const { scratchDirectory } = world.workspaces.settings;
  const signal = AbortSignal.timeout(MEASURE_MS);
  const of = { command: "du", args: ["-sk", path], timeoutMs: MEASURE_MS, stdin: "", mark: `disk-${world.newId()}`, directory: () => path, signal };
  const run = await runCommand({ ...world, checksDirectory: scratchDirectory }, of);
  const kib = /^\d+/m.exec(run.said)?.[0];
  if (kib === undefined)
    return world.log.warn({ workspaceId: id, how: run.how, said: run.said }, "how much of the disk a workspace takes could not be measured");
  await world.db.transaction((tx) => updateBytes(tx, id, Number(kib) * 1024));
}

/** Those whose work has landed, or that have none, are removed for it, oldest first. @throws Refusal `unavailable` when there is no room all the same. */
export async function makeRoom(world: WorkspacesWorld, repositoryId: string, needs: WorkspaceNeeds | undefined, worker: string): Promise<void> {
  const limits = [
    { maxMb: world.workspaces.settings.maxDiskMb, of: undefined, name: "BATON_WORKSPACES_MAX_MB" },
    { maxMb: needs?.maxDiskMb, of: repositoryId, name: "workspace.maxDiskMb in baton.yaml" },
  ];
  for (const { maxMb, of, name } of limits) {
    if (maxMb === undefined) continue;
    for (const one of await selectUnmeasured(world.db, world.workspaces.serverName)) await measure(world, one);
    for (;;) {
      const taken = await takenWith(world, repositoryId, of);
      if (taken <= maxMb * MB) break;
      if (await retireForRoom(world, of, worker)) continue;
      const whose = of === undefined ? "this server" : "this repository on this server";
      throw new Refusal(
        "unavailable",
        `With one more the workspaces of ${whose} would take ${Math.ceil(taken / MB)} MB, and ${name} allows ${maxMb}. Land or remove some: GET /api/v1/workspaces lists them.`,
      );
    }
  }
}
/** With one more of that repository. */
async function takenWith(world: WorkspacesWorld, repositoryId: string, of: string | undefined): Promise<number> {
  const sizes = await selectSizes(world.db, world.workspaces.serverName);
  const largest = (id: string): number => Math.max(0, ...sizes.filter((one) => one.repository_id === id).map(({ bytes }) => bytes ?? 0));
  const counted = sizes.filter((one) => of === undefined || one.repository_id === of);
  return counted.reduce((sum, one) => sum + (one.bytes ?? largest(one.repository_id)), largest(repositoryId));
}
