// (f) A fleet of agents of many kinds under faults for minutes: what is left behind, and whether memory grows.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure } from "../harness/figures.mjs";

export const name = "soak";
const settings = new Map([
  ["agents", "20 in terminals, 200 behind protocols: real small programs and servers that answer, fail, hang, flood, die, and answer half"],
  ["load", "tasks kept in flight all the time, a third of them with a fault; steps have 1.5 s, tried again once; some are cancelled"],
  ["memory", "resident set of the server after a forced garbage collection: median of the last third of the time against that of the second"],
  [
    "left behind",
    "processes that still carry an attempt's or an agent's mark when the server has stopped; descriptors of the server at rest after the load, more than at rest after the warm-up of a fifth of the time",
  ],
]);

export async function run(lab) {
  const seconds = lab.quick ? 60 : 600;
  const title = `A mixed fleet under faults, ${seconds} s`;
  const labels = { name, label: "baton-sqlite" };
  const figures = await figuresOrGap(lab, labels, async () => {
    const result = await lab.onFreshStore("directory", (place) =>
      lab.measure({
        file: "baton/soak.mjs",
        verb: "soak",
        params: { place, seconds, terminals: 20, others: 200, inFlight: 24 },
        nodeOptions: ["--expose-gc"],
        timeoutMs: (seconds + 300) * 1000,
      }),
    );
    // For whoever looks for a leak.
    if (result.descriptors > 0) process.stderr.write(`open before and after: ${JSON.stringify(result.open)}\n`);
    const figure = (what, label, unit) => medianFigure({ name: `${name}/${what}`, label, unit, samples: [result[what]] });
    return [
      figure("attempts", "attempts that ended", "attempts"),
      figure("faults", "of them with a fault", "attempts"),
      figure("orphans", "processes left behind", "processes"),
      figure("descriptors", "descriptors leaked", "descriptors"),
      figure("memoryGrowth", "memory, last third by second third", "×"),
      figure("rss", "server at the end", "MiB"),
    ];
  });
  return { figures, settings, title };
}
