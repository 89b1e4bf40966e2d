// What a change is to land on, as it is now: the commit of the target, with the baton.yaml that counts there.
import { type LandingMode, type ProjectFile, Refusal } from "@baton/contract";
import { type GitWorld, readProjectFile } from "../gates/gates.ts";
import { findCheckout, standingOf } from "./checkout.ts";
import { type Fate, refusal } from "./landing-machine.ts";
import type { LandingRow } from "./landing-rows.ts";
import { commitOf } from "./move-target.ts";
import { fetchHead } from "./remote.ts";

export interface Ground {
  mode: LandingMode;
  base: string;
  file: ProjectFile | undefined;
}
/** @returns a refusal when there is none, or nothing can be moved there now. */
export async function findGround(world: GitWorld, repository: string, row: Pick<LandingRow, "target" | "mode">): Promise<Ground | Fate> {
  try {
    return await find(world, repository, row);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code === "bad_input" ? refusal("misconfigured", `${error.message} It counts as it is on ${row.target}.`) : refusal("target", error.message);
  }
}
async function find(world: GitWorld, repository: string, { target, mode: asked }: Pick<LandingRow, "target" | "mode">): Promise<Ground | Fate> {
  const local = await commitOf(world, repository, `refs/heads/${target}`);
  const file = local === undefined ? undefined : await readProjectFile(world, repository, local);
  const mode = asked === null ? (file?.landing.mode ?? { kind: "branch" as const }) : (JSON.parse(asked) as LandingMode);
  if (mode.kind !== "branch") {
    const base = await fetchHead(world, repository, mode.remote, target);
    if (base === undefined) return refusal("target", `There is no branch ${target} on ${mode.remote}.`);
    return { mode, base, file: await readProjectFile(world, repository, base) };
  }
  if (local === undefined) return refusal("target", `There is no branch ${target}.`);
  const checkout = await findCheckout(world, repository, target);
  const standing = checkout === undefined ? undefined : await standingOf(world, checkout, undefined);
  return standing?.kind === "blocked" ? refusal("target", standing.why) : { mode, base: local, file };
}
