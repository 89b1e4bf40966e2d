// (j) What a durable message costs: 1 KiB from one to one and from one to a hundred, and how long one is on its way at 1,000 a second;
// beside Redis Streams and NATS JetStream.
import { gap, medianFigure, percentileFigures } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";

export const name = "messages";
export const title = "Durable messages of 1 KiB, each acknowledged";

const RECIPIENTS = 100;
const entrants = [
  { name: "baton-postgres", bus: "baton", needs: "postgres" },
  { name: "baton-sqlite", bus: "baton", needs: "directory" },
  { name: "redis-streams", bus: "redis-streams", needs: "redis" },
  { name: "jetstream", bus: "jetstream", needs: "nats" },
];

export async function run(lab) {
  const { quick } = lab;
  const measures = [
    { verb: "oneToOne", unit: "messages/s", params: { count: quick ? 10_000 : 30_000, warmUp: quick ? 2000 : 5000, width: 2000 } },
    { verb: "fanOut", unit: "deliveries/s", params: { count: quick ? 300 : 1000, warmUp: 100, recipients: RECIPIENTS, width: 200 } },
    { verb: "latency", unit: "ms", params: { count: quick ? 3000 : 10_000, warmUp: 1000, perSecond: 1000 } },
  ];
  const figures = [];
  const settings = new Map();
  const chosen = entrants.filter((one) => lab.only?.includes(one.name) ?? true);
  for (const { verb, unit, params } of measures) {
    const runs = chosen.map(({ bus, needs, ...one }) => ({
      ...one,
      run: () => lab.onFreshStore(needs, (place) => lab.measure({ file: "harness/bus-run.mjs", verb, params: { bus, place, ...params } })),
    }));
    const scores = await interleave(lab, lab.rounds ?? (quick ? 1 : 3), runs);
    figures.push(...compare(scores.flatMap((score) => toFigures(score, verb, unit))));
    for (const score of scores) if (score.results[0]?.settings) settings.set(score.name, score.results[0].settings);
  }
  return { figures, settings, title };
}

function toFigures(score, verb, unit) {
  const labels = { name: `${name}/${verb}/${score.name}`, label: `${verb} ${score.name}` };
  if (score.results.length === 0 || score.failure) return [gap({ ...labels, ...score })];
  if (verb === "latency") {
    const figures = percentileFigures({ ...labels, unit, samples: score.results.flatMap(({ values }) => values), shares: [0.5, 0.99] });
    return figures.map((figure) => ({ ...figure, contender: score.name }));
  }
  return [medianFigure({ ...labels, contender: score.name, unit, samples: score.results.map(({ value }) => value) })];
}

/** Each Baton beside every peer, percentile by percentile. */
function compare(figures) {
  const measured = figures.filter((figure) => figure.why === undefined);
  for (const baton of measured.filter(({ contender }) => contender.startsWith("baton")))
    baton.against = measured.filter(({ contender, rank }) => !contender.startsWith("baton") && rank === baton.rank);
  return figures;
}
