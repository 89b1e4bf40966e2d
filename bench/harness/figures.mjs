// A figure: one number that was measured, the samples behind it, and what it is held against.
import { median, percentile, spread } from "./statistics.mjs";

/** The median of one sample a round. */
export const medianFigure = ({ name, label, unit, samples, ...more }) => ({
  name,
  label,
  unit,
  value: median(samples),
  count: samples.length,
  ...range(samples),
  against: [],
  ...more,
});

/** p50, p95 and p99 over the samples of all rounds together. */
export const percentileFigures = ({ name, label, unit, samples, shares = [0.5, 0.95, 0.99] }) =>
  shares.map((share) => {
    const rank = `p${share * 100}`;
    return {
      name: `${name}/${rank}`,
      contender: label,
      label: `${label} ${rank}`,
      rank,
      unit,
      value: percentile(samples, share),
      count: samples.length,
      ...range(samples),
      against: [],
    };
  });

const range = (samples) => {
  const { min, max } = spread(samples);
  return { min, max };
};

/** What stands in the place of figures that could not be had. */
export const gap = ({ name, label, failure, absent }) => ({ name, label, why: failure ?? absent, isFailure: failure !== undefined });

/** The lines of `--json`: the figure by itself, then beside each peer. `ratio` is value / peerValue: above 1 is good for rates, below 1 for times. */
export function* toLines(figure) {
  if (figure.why !== undefined) return;
  const { name, unit, count: samples, min, max } = figure;
  const value = round(figure.value);
  yield { name, value, unit, samples, min: round(min), max: round(max) };
  for (const peer of figure.against)
    yield { name, value, unit, peer: peer.contender ?? peer.label, peerValue: round(peer.value), ratio: round(figure.value / peer.value), samples };
}

/** Four significant digits: more would pretend. */
export const round = (value) => Number(value.toPrecision(4));
