// (k) Ten thousand agents on one server: what each costs, what their heartbeats cost, how fast a message reaches all, and how they come back
// when the server is killed.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure } from "../harness/figures.mjs";

export const name = "crowd";
const settings = new Map([
  ["agents", "connected from another process through the client, 50 at a time, with its defaults: a heartbeat each 20 s"],
  ["memory", "resident set after a forced garbage collection, less with 200 agents; `socket` is the same of a bare `ws` server"],
  ["broadcast", "a durable message to all, from the call that sends it until the last agent has it; the first, and the median of three more"],
  ["back", "from SIGKILL of the server until all are connected to the one that was started at once on the same port and store"],
]);
const stores = [
  { label: "baton-sqlite", needs: "directory" },
  { label: "baton-postgres", needs: "postgres" },
];

export async function run(lab) {
  const [agents, seconds] = lab.quick ? [2000, 20] : [10_000, 40];
  const title = `${agents.toLocaleString("en-US")} dial-in agents on one server`;
  const figures = [];
  for (const { label, needs } of stores.filter((one) => lab.only?.includes(one.label) ?? true)) {
    const labels = { name: `${name}/${label}`, label };
    const measured = await figuresOrGap(lab, labels, async () => {
      const result = await lab.onFreshStore(needs, (place) => lab.measure({ file: "baton/crowd.mjs", verb: "crowd", params: { place, agents, seconds } }));
      const figure = (what, title, unit) => medianFigure({ name: `${name}/${what}/${label}`, label: `${label}: ${title}`, unit, samples: [result[what]] });
      return [
        figure("perAgent", "resident memory an agent", "KiB"),
        figure("socket", "of it, its socket", "KiB"),
        figure("beyond", "beyond its socket", "KiB"),
        figure("dialIns", "dial-ins", "agents/s"),
        figure("heartbeats", "processor, idle", "% of a core"),
        figure("first", "broadcast, the first", "ms"),
        figure("broadcast", "broadcast", "ms"),
        figure("back", "all back after kill -9", "s"),
      ];
    });
    figures.push(...measured);
  }
  return { figures, settings, title };
}
