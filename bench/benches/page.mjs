// (h) The page in a real browser: what one waits for it, and how evenly it draws.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure, percentileFigures } from "../harness/figures.mjs";

export const name = "page";
export const title = "The page in Chromium";
const settings = new Map([
  ["store", "SQLite, finished tasks as Baton wrote them; the server on the same cores as the browser"],
  ["first load", "a browser that was never here: scripts and styles as they are sent; until the newest tasks are drawn and the next key is taken"],
  ["frames", "from one to the next, 1440 × 900, drawn without a GPU; 16.7 ms is as even as it gets"],
  ["burst", "on the overview, facts about the newest fifty tasks, appended to the log in steps of 50 ms"],
  ["heap", "JavaScript after a forced collection, a figure a minute, ten tasks a second"],
]);

export async function run(lab) {
  const [tasks, loads, burstSeconds, memoryMinutes] = lab.quick ? [10_000, 3, 5, 1] : [100_000, 7, 20, 10];
  const labels = { name, label: "baton-sqlite" };
  const figures = await figuresOrGap(lab, labels, async () => {
    const params = { tasks, loads, eventsPerSecond: 1000, burstSeconds, memoryMinutes };
    const seen = await lab.onFreshStore("directory", (place) => lab.measure({ file: "baton/page.mjs", verb: "page", params: { place, ...params } }));
    const figure = (what, label, unit, samples) => medianFigure({ name: `${name}/${what}`, label, unit, samples });
    const frames = (what, label, samples) => percentileFigures({ name: `${name}/${what}`, label, unit: "ms", samples, shares: [0.5, 0.95, 0.99, 1] });
    const loaded = (key) => seen.first.map((one) => one[key]);
    return [
      figure(
        "bytes",
        "first load",
        "KiB",
        loaded("bytes").map((bytes) => bytes / 1024),
      ),
      figure("ready", "until it takes a key", "ms", loaded("readyMs")),
      ...frames("scrolled", `frames, scrolling ${tasks.toLocaleString("en-US")} tasks`, seen.scrolled.frames),
      figure("middle", "a jump to the middle of them", "ms", [seen.scrolled.middleMs]),
      ...frames("burst", `frames, ${Math.round(seen.burst.perSecond)} events a second`, seen.burst.frames),
      figure("heapFirst", "heap at first", "MiB", seen.memory.slice(0, 1)),
      ...seen.memory.slice(1).map((used, at) => figure(`heap${at + 1}`, `… after ${at + 1} min`, "MiB", [used])),
    ];
  });
  return { figures, settings, title };
}
