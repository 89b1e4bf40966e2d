// (e) Does throughput fall as the tables grow? The same as (a), in turns on an empty store and on one that already holds a
// million finished tasks. That one is filled once, and serves every round: the rounds add little to a million.
import { contenders } from "../contenders/list.mjs";
import { gap, medianFigure } from "../harness/figures.mjs";
import { interleave } from "../harness/rounds.mjs";
import { settingsOf } from "./throughput.mjs";

export const name = "growth";
export const title = "Throughput as the tables grow";

export async function run(lab) {
  const [count, warmUp, rounds, finished] = lab.quick ? [3000, 300, 2, 100_000] : [20_000, 1000, 3, 1_000_000];
  const measured = contenders.filter((one) => (one.role === "baton" || one.role === "limit") && (lab.only?.includes(one.name) ?? true));
  const stores = measured.map((one) => ({ ...one, full: undefined }));
  try {
    const entrants = stores.flatMap((one) => [onEmpty(lab, one, { count, warmUp }), onFull(lab, one, { count, warmUp, finished })]);
    const scores = await interleave(lab, lab.rounds ?? rounds, entrants);
    const figures = scores.map((score, index) => toFigure(score, entrants[index]));
    for (let index = 1; index < figures.length; index += 2) if (figures[index].value && figures[index - 1].value) figures[index].against = [figures[index - 1]];
    // Both stores of a contender are used alike: its settings are told once.
    const settings = settingsOf(scores.map((score, index) => ({ ...score, name: entrants[index].contender })));
    return { figures, settings, title };
  } finally {
    for (const { full } of stores) await full?.drop();
  }
}

const throughputOn = (lab, contender, place, sizes) => lab.measure({ file: "harness/contest.mjs", verb: "throughput", params: { contender, place, ...sizes } });

const onEmpty = (lab, one, sizes) => ({
  id: `${one.name}/0`,
  contender: one.name,
  name: `${one.name}, empty`,
  run: () => lab.onFreshStore(one.needs, (place) => throughputOn(lab, one.name, place, sizes)),
});

const onFull = (lab, one, { finished, ...sizes }) => ({
  id: `${one.name}/${finished}`,
  contender: one.name,
  name: `${one.name}, ${finished.toLocaleString("en-US")} finished`,
  async run() {
    if (one.full === undefined) await fillOnce(lab, one, finished);
    return throughputOn(lab, one.name, one.full.place, sizes);
  },
});

async function fillOnce(lab, one, finished) {
  one.full = await lab.openStore(one.needs);
  const { place } = one.full;
  await lab.measure({ file: "harness/contest.mjs", verb: "fill", params: { contender: one.name, place, finished } });
}

function toFigure(score, { id }) {
  const labels = { name: `${name}/${id}`, label: score.name };
  if (score.results.length === 0 || score.failure) return gap({ ...labels, ...score });
  return medianFigure({ ...labels, unit: "tasks/s", samples: score.results.map((result) => result.value) });
}
