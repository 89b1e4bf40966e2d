// How long it takes to build what an agent is told of a conversation, among 100 and 10,000 conversations of 20 turns each.
import { figuresOrGap } from "../harness/attempt.mjs";
import { percentileFigures } from "../harness/figures.mjs";

export const name = "sessions";
export const title = "What an agent is told of a conversation, read and built";
const settings = new Map([
  ["turns", "20 in each conversation, of 400 bytes; one fact pinned to each; all 20 are told"],
  ["read", "of another conversation each time, on the server's own store, as it is done when a step begins"],
]);

export async function run(lab) {
  const samples = lab.quick ? 500 : 5000;
  const figures = [];
  for (const [label, kind] of [
    ["baton-sqlite", "directory"],
    ["baton-postgres", "postgres"],
  ])
    for (const sessions of [100, 10_000]) {
      const labels = { name: `${name}/${label}/${sessions}`, label: `${label}, ${sessions.toLocaleString("en-US")} sessions` };
      const measure = () =>
        lab.onFreshStore(kind, async (place) => {
          const { values } = await lab.measure({ file: "baton/sessions.mjs", verb: "sessions", params: { place, sessions, samples } });
          return percentileFigures({ ...labels, unit: "ms", samples: values, shares: [0.5, 0.95, 0.99] });
        });
      figures.push(...(await figuresOrGap(lab, labels, measure)));
    }
  return { figures, settings, title };
}
