// (h) Workspaces beside git itself: making one, a checkpoint, a rollback.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure } from "../harness/figures.mjs";

export const name = "workspaces";
const settings = new Map([
  ["made", "the repository found, row, work tree, ref and event; git: `git worktree add -b`"],
  ["checkpoint", "after ten files got a line and five were new; git: a copy of the index, add, write-tree, commit-tree, update-ref"],
  ["rollback", "to before such a change, with a checkpoint of what is replaced; git: the same five, clean, restore of files and index"],
]);

export async function run(lab) {
  const [files, samples] = lab.quick ? [2000, 5] : [10_000, 15];
  const title = `Workspaces of a repository of ${files.toLocaleString("en-US")} files, beside git by hand`;
  const figures = await figuresOrGap(lab, { name, label: "baton-sqlite" }, async () => {
    const times = await lab.onFreshStore("directory", (place) =>
      lab.measure({ file: "baton/workspaces.mjs", verb: "workspaces", params: { place, files, samples } }),
    );
    const beside = (what, label) => {
      const figure = (contender, list) => medianFigure({ name: `${name}/${what}`, label: `${label}, ${contender}`, contender, unit: "ms", samples: list });
      const git = figure("git", times[`${what}Plain`]);
      return [{ ...figure("baton", times[what]), against: [git] }, git];
    };
    return [...beside("create", "made"), ...beside("checkpoint", "checkpoint"), ...beside("rollback", "rollback")];
  });
  return { figures, settings, title };
}
