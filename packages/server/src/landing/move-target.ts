// THE way to a target branch: nothing else in Baton moves one. It moves from the commit that was judged against to the commit that was judged, in one step
// of git that fails when the branch is no longer there, and only with a stored verdict that lets exactly this tree through.
//
// May be done again after it was cut off at any point, and by several at once: what is done is recognised.
import type { LandingMode } from "@baton/contract";
import type { GitWorld } from "../gates/gates.ts";
import { getVerdict } from "../gates/gates.ts";
import type { Reader } from "../store/db.ts";
import { bringAlong, bringToEnd, findCheckout, standingOf, takeBack } from "./checkout.ts";
import type { RunRow } from "./landing-rows.ts";
import { treeOf } from "./merge.ts";
import { push, remoteHead } from "./remote.ts";

export interface MoveWorld extends GitWorld {
  db: Reader;
}
export type Moved =
  | { kind: "moved" }
  /** Somebody moved it meanwhile: what was judged is not what would come of it now. */
  | { kind: "overtaken"; by: string }
  | { kind: "refused"; why: string };
const GONE = "nobody: the branch is gone";
export type ToMove = Pick<RunRow, "target" | "base" | "tip" | "tree" | "verdict_id"> & {
  /** It may have been begun and cut off. */
  isResumed: boolean;
};

/** @throws when there is no verdict for it: that is a bug, and the branch stays. */
export async function moveTarget(world: MoveWorld, repository: string, run: ToMove, mode: Exclude<LandingMode, { kind: "pull_request" }>): Promise<Moved> {
  await checkVerdict(world, repository, run);
  return mode.kind === "push" ? moveOnRemote(world, repository, run, mode.remote) : moveHere(world, repository, run);
}
async function moveOnRemote(world: MoveWorld, repository: string, { target, base, tip }: ToMove, remote: string): Promise<Moved> {
  const current = await remoteHead(world, repository, remote, target);
  if (current === tip) return { kind: "moved" };
  if (current !== base) return { kind: "overtaken", by: current ?? GONE };
  const failed = await push(world, repository, { remote, branch: target, from: base, to: tip });
  if (failed === undefined) return { kind: "moved" };
  const now = await remoteHead(world, repository, remote, target);
  if (now === tip) return { kind: "moved" };
  return now === base ? { kind: "refused", why: failed } : { kind: "overtaken", by: now ?? GONE };
}
async function moveHere(world: MoveWorld, repository: string, run: ToMove): Promise<Moved> {
  const { target, base, tip } = run;
  const ref = `refs/heads/${target}`;
  const current = await commitOf(world, repository, ref);
  if (current === tip) return { kind: "moved" };
  const checkout = await findCheckout(world, repository, target);
  const isBegun = run.isResumed && checkout !== undefined;
  if (current !== base) {
    if (isBegun && current !== undefined) await takeBack(world, checkout, run, current);
    return { kind: "overtaken", by: current ?? GONE };
  }
  const blocked = checkout === undefined ? undefined : await prepare(world, checkout, run);
  if (blocked !== undefined) {
    if (isBegun) await takeBack(world, checkout, run, base);
    return { kind: "refused", why: blocked };
  }
  const updated = await world.git.run({ cwd: repository, args: ["update-ref", "--create-reflog", "-m", "baton: landed", ref, tip, base] });
  if (updated.code === 0) return { kind: "moved" };
  const now = await commitOf(world, repository, ref);
  if (now === tip) return { kind: "moved" };
  if (checkout !== undefined) await bringAlong(world, checkout, tip, now ?? base);
  if (now !== base) return { kind: "overtaken", by: now ?? GONE };
  return { kind: "refused", why: `git could not move it: ${updated.stderr.trim() || updated.how}` };
}
async function checkVerdict(world: MoveWorld, repository: string, { base, tip, tree, verdict_id }: ToMove): Promise<void> {
  const verdict = await getVerdict(world, verdict_id);
  const actual = await treeOf(world, repository, tip);
  if (!verdict.passes || verdict.repository !== repository || verdict.tree !== tree || actual !== tree || verdict.base !== base)
    throw new Error(`Verdict ${verdict.id} (${verdict.state}) does not let tree ${actual} onto ${base}.`);
}
async function prepare(world: GitWorld, checkout: string, { base, tip, isResumed }: ToMove): Promise<string | undefined> {
  const standing = await standingOf(world, checkout, { base, tip, isResumed });
  if (standing.kind === "blocked") return standing.why;
  if (standing.kind === "between") return bringToEnd(world, checkout, tip);
  return standing.kind === "ahead" ? undefined : bringAlong(world, checkout, base, tip);
}
/** undefined: there is no such branch. */
export async function commitOf(world: GitWorld, repository: string, name: string): Promise<string | undefined> {
  const { code, stdout } = await world.git.run({ cwd: repository, args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`] });
  return code === 0 ? stdout.trim() : undefined;
}
