// What it adds to a request to know who asks (by API key, access token or cookie), whether they may, and to keep what they change in the audit log.
import { figuresOrGap } from "../harness/attempt.mjs";
import { medianFigure, percentileFigures } from "../harness/figures.mjs";
import { percentile } from "../harness/statistics.mjs";

export const name = "access";
export const title = "Requests with authentication, authorisation and audit, beside the same rooms without";
const settings = new Map([
  ["none", "a second door to the same server and store that asks nobody who they are and keeps no audit log"],
  ["read, change", "GET of an agent; POST of a task, which is audited and carried out. One at a time, every way in turn"],
  ["added p50, p95", "that of this way less that of none, of the same run"],
  ["rate", "readings on 50 connections, undici 7.30.2 in a process of its own, a way at a time, in rounds"],
]);

export async function run(lab) {
  const params = lab.quick ? { samples: 500, rounds: 2, seconds: 1 } : { samples: 3000, rounds: 5, seconds: 3 };
  const figures = [];
  for (const [store, kind] of [
    ["baton-sqlite", "directory"],
    ["baton-postgres", "postgres"],
  ]) {
    const measure = async () =>
      toFigures(store, await lab.onFreshStore(kind, (place) => lab.measure({ file: "baton/access.mjs", verb: "access", params: { place, ...params } })));
    figures.push(...(await figuresOrGap(lab, { name: `${name}/${store}`, label: store }, measure)));
  }
  return { figures, settings, title };
}

function toFigures(store, ways) {
  return Object.entries(ways).flatMap(([way, results]) => [
    ...["read", "change"].flatMap((kind) => {
      const labels = { name: `${name}/${store}/${kind}/${way}`, label: `${store}, ${kind}, ${way}`, unit: "ms" };
      const added = (share) => percentile(results[kind], share) - percentile(ways.none[kind], share);
      return [
        ...percentileFigures({ ...labels, samples: results[kind] }),
        ...[0.5, 0.95]
          .filter(() => way !== "none")
          .map((share) => {
            const rank = `added p${share * 100}`;
            return medianFigure({ ...labels, name: `${labels.name}/${rank.replace(" ", "-")}`, label: `${labels.label}, ${rank}`, samples: [added(share)] });
          }),
      ];
    }),
    medianFigure({ name: `${name}/${store}/rate/${way}`, label: `${store}, ${way}`, unit: "requests/s", samples: results.perSecond }),
  ]);
}
