// (f) POST /api/v1/tasks from 50 connections at once, by another process, while the tasks handed in are carried out.
import { contenders } from "../contenders/list.mjs";
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure, percentileFigures } from "../harness/figures.mjs";

export const name = "http";
export const title = "POST /api/v1/tasks, 50 connections, tasks carried out meanwhile";
const settings = new Map([
  ["load", "undici 7.30.2 in a process of its own, one request a connection at a time; 201 or the run fails; the load shares the machine"],
]);

export async function run(lab) {
  const sizes = lab.quick ? { seconds: 3, warmUpSeconds: 1 } : { seconds: 10, warmUpSeconds: 2 };
  const figures = [];
  for (const { name: contender, needs } of contenders.filter((one) => one.role === "baton" && (lab.only?.includes(one.name) ?? true))) {
    const labels = { name: `${name}/${contender}`, label: contender };
    const measure = async () => {
      const params = { connections: 50, ...sizes };
      const run = (place) => lab.measure({ file: "baton/http.mjs", verb: "http", params: { place, ...params } });
      const { values, perSecond } = await lab.onFreshStore(needs, run);
      return [
        medianFigure({ ...labels, name: `${labels.name}/rate`, unit: "requests/s", samples: [perSecond] }),
        ...percentileFigures({ ...labels, unit: "ms", samples: values }),
      ];
    };
    figures.push(...(await figuresOrGap(lab, labels, measure)));
  }
  return { figures, settings, title };
}
