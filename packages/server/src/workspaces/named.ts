// Repositories whose baton.yaml may have this server run commands for workspaces, and say what their agents find in their environment: those that somebody named
// who may name what this server runs. Whoever may hand in tasks only works in these, and in all whose baton.yaml says no such thing.
import { Refusal, type WorkspaceNeeds } from "@baton/contract";
import { readProjectFile } from "./project-file.ts";
import type { FoundRepository, Standing } from "./repository.ts";
import { keepRepository, nameRepository, type RepositoryRow } from "./workspace-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

const isTrusting = ({ setUp, tearDown, environment }: WorkspaceNeeds): boolean => setUp.length + tearDown.length + Object.keys(environment).length > 0;
const refusal = (path: string): Refusal =>
  new Refusal(
    "forbidden",
    `The baton.yaml of ${path} names commands or an environment for its workspaces, and nobody has handed in a task for it yet who may name what this server runs: that takes the right host.`,
    { issues: [{ path: "body.repository", message: "names commands that nobody with the right host has let run yet" }] },
  );

/** @param mayName whether whoever hands in a task may name what this server runs. @throws Refusal `forbidden`; `bad_input` for a baton.yaml that cannot be read. */
export async function enterRepository(
  world: Pick<WorkspacesWorld, "git" | "db" | "clock" | "newId">,
  at: FoundRepository & Standing,
  mayName: boolean,
): Promise<void> {
  const needs = (await readProjectFile(world, at.commonDir, at.commit))?.workspace;
  if (needs === undefined || !isTrusting(needs)) return;
  const given = { id: world.newId(), common_dir: at.commonDir, path: at.path, created_at: world.clock.now() };
  await world.db.transaction(async (tx) => {
    const row = await keepRepository(tx, given);
    if (row.named_at !== null) return;
    if (!mayName) throw refusal(at.path);
    await nameRepository(tx, row.id, world.clock.now());
  });
}
/** Before anything of it is carried out. @throws Refusal `forbidden`. */
export function refuseUnnamed(needs: WorkspaceNeeds | undefined, { named_at, path }: RepositoryRow): void {
  if (needs !== undefined && isTrusting(needs) && named_at === null) throw refusal(path);
}
