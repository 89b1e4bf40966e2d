// (c) How long the choice of an agent takes, with its reasons, among 100, 1,000 and 10,000 agents of 20 capabilities each.
import { figuresOrGap } from "../harness/attempt.mjs";
import { percentileFigures } from "../harness/figures.mjs";

export const name = "routing";
export const title = "One choice of an agent, reasons included";
const settings = new Map([
  ["demand", "1 to 3 of 200 capabilities that some agent has; a choice takes a place of the agent chosen, and an older one is given back"],
]);

export async function run(lab) {
  const choices = lab.quick ? 5000 : 20_000;
  const figures = [];
  for (const agents of [100, 1000, 10_000]) {
    const labels = { name: `${name}/${agents}`, label: `${agents.toLocaleString("en-US")} agents` };
    const measure = async () => {
      const { values } = await lab.measure({ file: "baton/routing.mjs", verb: "routing", params: { agents, choices } });
      return percentileFigures({ ...labels, unit: "ms", samples: values, shares: [0.5, 0.99] });
    };
    figures.push(...(await figuresOrGap(lab, labels, measure)));
  }
  return { figures, settings, title };
}
