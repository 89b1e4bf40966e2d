// (b) How long an idle system takes from the call that creates a task to the first line of the code that carries it out.
import { contenders } from "../contenders/list.mjs";
import { gap, percentileFigures } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";
import { settingsOf } from "./throughput.mjs";

export const name = "latency";
export const title = "From create to start when idle, one task at a time";

export async function run(lab) {
  const [samples, warmUp, rounds] = lab.quick ? [50, 10, 2] : [50, 20, 4];
  const entrants = contenders
    .filter((one) => lab.only?.includes(one.name) ?? true)
    .map((one) => ({ ...one, run: () => runOne(lab, one, { samples, warmUp }) }));
  const scores = await interleave(lab, lab.rounds ?? rounds, entrants);
  const figures = scores.flatMap(toFigures);
  holdAgainst(figures);
  return { figures, settings: settingsOf(scores), title };
}

const runOne = (lab, { name: contender, needs }, sizes) =>
  lab.onFreshStore(needs, (place) => lab.measure({ file: "harness/contest.mjs", verb: "latency", params: { contender, place, ...sizes } }));

function toFigures(score) {
  const labels = { name: `${name}/${score.name}`, label: score.name };
  if (score.results.length === 0 || score.failure) return [gap({ ...labels, ...score })];
  return percentileFigures({ ...labels, unit: "ms", samples: score.results.flatMap((result) => result.values) });
}

/** The same percentile of every peer, and of the limits on the same store. */
function holdAgainst(figures) {
  const roleOf = (figure) => contenders.find((one) => one.name === figure.contender)?.role;
  for (const baton of figures.filter((figure) => roleOf(figure) === "baton")) {
    const limits = ["bare", "rows"].map((word) => baton.contender.replace("baton", word));
    baton.against = figures.filter((figure) => figure.rank === baton.rank && (roleOf(figure) === "peer" || limits.includes(figure.contender)));
  }
}
