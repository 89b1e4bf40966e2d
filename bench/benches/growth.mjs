// (e) Does throughput fall as the tables grow? The same as (a), on an empty store and on one that already holds a million
// finished tasks (inserted set-based, then vacuumed and analyzed: what autovacuum has done by the time there are so many).
import { contenders } from "../contenders/list.mjs";
import { gap, medianFigure } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";
import { settingsOf } from "./throughput.mjs";

export const name = "growth";
export const title = "Throughput as the tables grow";

export async function run(lab) {
  const [count, warmUp, rounds, many] = lab.quick ? [3000, 300, 2, 100_000] : [20_000, 1000, 3, 1_000_000];
  const grown = contenders.filter((one) => one.role !== "peer" && (lab.only?.includes(one.name) ?? true));
  const entrants = grown.flatMap((one) =>
    [0, many].map((finished) => ({ ...one, label: labelOf(one, finished), finished, run: () => runOne(lab, one, { count, warmUp, finished }) })),
  );
  const scores = await interleave(lab, lab.rounds ?? rounds, entrants);
  const figures = scores.map((score, index) => toFigure(score, entrants[index]));
  for (let index = 1; index < figures.length; index += 2)
    if (figures[index].against && figures[index - 1].why === undefined) figures[index].against = [figures[index - 1]];
  return { figures, settings: settingsOf(scores), title };
}

const labelOf = (one, finished) => `${one.name}, ${finished === 0 ? "empty" : `${finished.toLocaleString("en-US")} finished`}`;

const runOne = (lab, { name: contender, needs }, sizes) =>
  lab.onFreshStore(needs, (place) => lab.measure({ file: "harness/contest.mjs", verb: "throughput", params: { contender, place, ...sizes } }));

function toFigure(score, entrant) {
  const labels = { name: `${name}/${entrant.name}/${entrant.finished}`, label: entrant.label };
  if (score.results.length === 0 || score.failure) return gap({ ...labels, ...score });
  return medianFigure({ ...labels, unit: "tasks/s", samples: score.results.map((result) => result.value) });
}
