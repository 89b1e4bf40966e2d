// The graphs that are carried out, of steps that do nothing: what is left is what the orchestrator itself costs.
const step = (id, ...needs) => ({ id, needs });

/** One after the other. */
const chain = (length) => Array.from({ length }, (_, at) => (at === 0 ? step("s0") : step(`s${at}`, `s${at - 1}`)));

/** One, then all of `width` at once, then one that waits for all. */
const fanOut = (width) => {
  const leaves = Array.from({ length: width }, (_, at) => step(`leaf${at}`, "split"));
  return [step("split"), ...leaves, step("join", ...leaves.map(({ id }) => id))];
};

/** Groups one after the other, each a split, `width` branches of two steps, and a join. */
const NESTED = { groups: 3, width: 5 };
const nested = () =>
  Array.from({ length: NESTED.groups }, (_, group) => {
    const named = (name) => `g${group}${name}`;
    const branches = Array.from({ length: NESTED.width }, (_, at) => [step(named(`a${at}`), named("split")), step(named(`b${at}`), named(`a${at}`))]);
    const split = group === 0 ? step(named("split")) : step(named("split"), `g${group - 1}join`);
    return [split, ...branches.flat(), step(named("join"), ...branches.map(([, last]) => last.id))];
  }).flat();

/** `runs` alone one after the other, then `many` runs with `width` under way. */
export const shapes = {
  chain: { title: "chain of 10", steps: chain(10), runs: 30, many: 200, width: 20 },
  "fan-out": { title: "fan-out of 100", steps: fanOut(100), runs: 10, many: 40, width: 10 },
  nested: { title: `nested (${NESTED.groups} groups of ${NESTED.width} branches)`, steps: nested(), runs: 15, many: 80, width: 10, ...NESTED },
};
