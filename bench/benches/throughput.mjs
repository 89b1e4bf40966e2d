// (a) Durable no-op tasks a second, end to end: from the first call that hands one in until the store has the last one
// recorded done. Every contender on a fresh store, in a fresh process, after a short warm-up.
import { contenders } from "../contenders/list.mjs";
import { gap, medianFigure } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";

export const name = "throughput";
export const title = "Durable no-op tasks a second, end to end";

export async function run(lab) {
  const [count, warmUp, rounds] = lab.quick ? [3000, 300, 3] : [20_000, 1000, 5];
  const entrants = contenders.filter((one) => lab.only?.includes(one.name) ?? true).map((one) => ({ ...one, run: () => runOne(lab, one, { count, warmUp }) }));
  const scores = await interleave(lab, lab.rounds ?? rounds, entrants);
  const figures = scores.map(toFigure);
  holdAgainst(figures);
  return { figures, settings: settingsOf(scores), title: `${title} (${count.toLocaleString("en-US")} tasks)` };
}

const runOne = (lab, { name: contender, needs }, sizes) =>
  lab.onFreshStore(needs, (place) => lab.measure({ file: "harness/contest.mjs", verb: "throughput", params: { contender, place, ...sizes } }));

function toFigure(score) {
  const labels = { name: `${name}/${score.name}`, label: score.name };
  if (score.results.length === 0 || score.failure) return gap({ ...labels, ...score });
  return medianFigure({ ...labels, unit: "tasks/s", samples: score.results.map((result) => result.value) });
}

/** Baton on each store beside every peer, and beside the limits of that store: bare, and of the rows that Baton keeps. */
function holdAgainst(figures) {
  const roleOf = (figure) => contenders.find((one) => one.name === figure.label).role;
  const measured = figures.filter((figure) => figure.why === undefined);
  for (const baton of measured.filter((figure) => roleOf(figure) === "baton")) {
    const limits = ["bare", "rows"].map((word) => baton.label.replace("baton", word));
    baton.against = measured.filter((figure) => roleOf(figure) === "peer" || limits.includes(figure.label));
  }
}

export const settingsOf = (scores) => new Map(scores.filter((score) => score.results.length > 0).map((score) => [score.name, score.results[0].settings]));
