// (g) What an orchestrator costs a step: the same graphs of steps that do nothing, one run at a time and many at once, with each peer's
// durable storage on and off. Baton has no way to switch it off.
import { shapes } from "../graphs/shapes.mjs";
import { gap, medianFigure } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";

export const name = "orchestration";
export const title = "Microseconds a step of graphs that do nothing";

const entrants = [
  { name: "baton-postgres", orchestrator: "baton", needs: "postgres", isDurable: true },
  { name: "baton-sqlite", orchestrator: "baton", needs: "directory", isDurable: true },
  { name: "langgraph-postgres", orchestrator: "langgraph", needs: "postgres", isDurable: true },
  { name: "mastra-postgres", orchestrator: "mastra", needs: "postgres", isDurable: true },
  { name: "langgraph-memory", orchestrator: "langgraph", needs: "directory", isDurable: false },
  { name: "mastra-memory", orchestrator: "mastra", needs: "directory", isDurable: false },
];

export async function run(lab) {
  const chosen = entrants.filter((one) => lab.only?.includes(one.name) ?? true);
  const figures = [];
  const settings = new Map();
  for (const [shape, { steps }] of Object.entries(shapes)) {
    const runs = chosen.map((one) => ({ ...one, run: () => runOne(lab, one, shape) }));
    const scores = await interleave(lab, lab.rounds ?? (lab.quick ? 1 : 3), runs);
    for (const way of ["alone", "many"]) figures.push(...compare(scores.map((score) => toFigure(score, shape, way, steps.length))));
    for (const score of scores) if (score.results[0]) settings.set(score.name, score.results[0].settings);
  }
  return { figures, settings, title };
}

const runOne = (lab, { orchestrator, isDurable, needs }, shape) =>
  lab.onFreshStore(needs, (place) => lab.measure({ file: "harness/graph-run.mjs", verb: "graph", params: { orchestrator, isDurable, shape, place } }));

function toFigure(score, shape, way, steps) {
  const labels = { name: `${name}/${shape}/${way}/${score.name}`, label: `${shape} ${way} ${score.name}`, contender: score.name };
  if (score.results.length === 0 || score.failure) return gap({ ...labels, ...score });
  const samples = score.results.flatMap(({ alone, rate }) => (way === "alone" ? alone.map((ms) => (ms * 1000) / steps) : [1_000_000 / rate]));
  return medianFigure({ ...labels, unit: "µs/step", samples });
}

/** Each Baton beside every peer. */
function compare(figures) {
  const measured = figures.filter((figure) => figure.why === undefined);
  for (const baton of measured.filter(({ contender }) => contender.startsWith("baton")))
    baton.against = measured.filter(({ contender }) => !contender.startsWith("baton"));
  return figures;
}
