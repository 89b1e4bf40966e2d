// (d) What a thousand agents cost that have dialled in and wait: memory of the server per agent, and its processor time.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure } from "../harness/figures.mjs";

export const name = "idle-agents";
const settings = new Map([
  [
    "agents",
    "connected through the client from another process; 200 before the count, so that code and pools are warm and the heap has taken its first large pieces",
  ],
  ["memory", "resident set of the server after a forced garbage collection, with 1,200 agents less with 200, by 1,000"],
]);

export async function run(lab) {
  const [agents, seconds, rounds] = lab.quick ? [1000, 5, 1] : [1000, 20, 3];
  const title = `${agents.toLocaleString("en-US")} idle dial-in agents, ${seconds} s`;
  const labels = { name, label: "baton-sqlite" };
  const figures = await figuresOrGap(lab, labels, async () => {
    const results = [];
    for (let round = 0; round < (lab.rounds ?? rounds); round++) results.push(await runOne(lab, { agents, seconds }));
    const figure = (what, label, unit) => medianFigure({ name: `${name}/${what}`, label, unit, samples: results.map((result) => result[what]) });
    return [
      figure("rssPerAgent", "resident memory an agent", "KiB"),
      figure("heapPerAgent", "of it, JavaScript heap", "KiB"),
      figure("serverRss", "server with all of them", "MiB"),
      figure("cpu", "processor", "% of a core"),
    ];
  });
  return { figures, settings, title };
}

const runOne = (lab, params) =>
  lab.onFreshStore("directory", (place) =>
    lab.measure({ file: "baton/idle-agents.mjs", verb: "idleAgents", params: { place, warmUp: 200, ...params }, nodeOptions: ["--expose-gc"] }),
  );
