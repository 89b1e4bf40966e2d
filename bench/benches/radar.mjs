// (g) Collisions between work trees: how soon they are told, and what looking for them costs.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure, percentileFigures } from "../harness/figures.mjs";

export const name = "radar";
const settings = new Map([
  ["work trees", "of one repository, made by tasks; files of 41 lines, 20 a directory"],
  ["delay", "from the second of two edits to one file until conflict.detected is in the log, at any time of a round; one pair after another"],
  ["processor", "of the server and every git it ran; idle: nothing changes; busy: a line to a file of 10 of the trees each second"],
  ["off", "the same with BATON_CONFLICTS=off: what such a server costs anyhow"],
]);

export async function run(lab) {
  const [trees, files, samples, seconds] = lab.quick ? [10, 2000, 5, 10] : [50, 10_000, 25, 60];
  const title = `${trees} live work trees of a repository of ${files.toLocaleString("en-US")} files`;
  const labels = { name, label: "baton-sqlite" };
  const figures = await figuresOrGap(lab, labels, async () => {
    const measure = (isOff) =>
      lab.onFreshStore("directory", (place) =>
        lab.measure({ file: "baton/radar.mjs", verb: "radar", params: { place, trees, files, samples, seconds, isOff } }),
      );
    const [on, off] = [await measure(false), await measure(true)];
    const figure = (what, label, unit, sample) => medianFigure({ name: `${name}/${what}`, label, unit, samples: [sample] });
    return [
      ...percentileFigures({ name: `${name}/delay`, label: "second edit to conflict.detected", unit: "ms", samples: on.delays }),
      figure("idle", "processor, idle", "% of a core", on.idle),
      figure("idleOff", "… off", "% of a core", off.idle),
      figure("busy", "processor, 10 written to each second", "% of a core", on.busy),
      figure("busyOff", "… off", "% of a core", off.busy),
      figure("rss", "server", "MiB", on.rss),
      figure("rssOff", "… off", "MiB", off.rss),
    ];
  });
  return { figures, settings, title };
}
