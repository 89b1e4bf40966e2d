// What a change to a repository has to pass as things are now. Only looks: of repositories that somebody named here before.
import { type GatesInForce, type ProjectFile, Refusal } from "@baton/contract";
import { definedGates, readProjectFile } from "../gates/gates.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { commitOf } from "./move-target.ts";
import { selectQueue } from "./queue-rows.ts";
import { isHere } from "./repository.ts";

interface Found {
  target: string | null;
  file?: ProjectFile | undefined;
  problem?: string;
}
/** @throws Refusal `not_found` for a repository nobody named. */
export async function getGatesInForce(
  world: LandingsWorld,
  { repository, target: asked }: { repository: string; target?: string | undefined },
): Promise<GatesInForce> {
  const queue = await selectQueue(world.db, repository);
  if (queue === undefined) throw new Refusal("not_found", `Nobody has named the repository ${repository} here yet.`);
  const { target, file, problem } = (await isHere(queue))
    ? await look(world, repository, asked)
    : { target: asked ?? null, file: undefined, problem: "The repository is not on this server: what its baton.yaml says is not known here." };
  const gates = await definedGates(world, repository, { file: file?.gates ?? [], landing: [] });
  return {
    repository,
    target,
    gates,
    method: file?.landing.method ?? "merge",
    batch: file?.landing.batch ?? null,
    problem: problem ?? (gates.length === 0 ? "There are no gates, and nothing lands unjudged." : null),
  };
}
async function look(world: LandingsWorld, repository: string, asked: string | undefined): Promise<Found> {
  const target = asked ?? (await world.git.run({ cwd: repository, args: ["symbolic-ref", "--quiet", "--short", "HEAD"] })).stdout.trim();
  if (target === "") return { target: null, problem: "It has no branch checked out: which is the target is not known." };
  const commit = await commitOf(world, repository, `refs/heads/${target}`);
  if (commit === undefined) return { target, problem: `There is no branch ${target}.` };
  try {
    return { target, file: await readProjectFile(world, repository, commit) };
  } catch (error) {
    if (error instanceof Refusal) return { target, problem: error.message };
    throw error;
  }
}
