// Choices among many agents, on the index the server routes with; no store and no socket takes part, as in the server.
import { importBuilt } from "./built.mjs";

const SKILLS = 200;
const SKILLS_EACH = 20;
const PLACES_TAKEN = 50;

/** @returns milliseconds of each choice, after a tenth as many that do not count */
export async function routing({ agents, choices }) {
  const [{ AgentIndex }, { toAssignment, toFacts }, { toCapabilityKey }] = await Promise.all(
    ["agent-index", "assignment", "capability"].map((room) => importBuilt(`routing/${room}.js`)),
  );
  const random = seeded(agents);
  const index = new AgentIndex();
  const crowd = Array.from({ length: agents }, (_, number) => newAgent(number, random));
  for (const agent of crowd) index.put(agent);
  const values = [];
  const taken = [];
  for (let number = -choices / 10; number < choices; number++) {
    const demand = newDemand(crowd, random, toCapabilityKey);
    const from = performance.now();
    const choice = index.choose(demand);
    toAssignment(toFacts(choice, demand, Date.now()));
    index.setActive(choice.agent.id, choice.active + 1);
    const ms = performance.now() - from;
    if (number >= 0) values.push(ms);
    taken.push(choice.agent.id);
    if (taken.length > PLACES_TAKEN) giveBack(index, taken.shift());
  }
  return { values };
}

const giveBack = (index, id) => index.setActive(id, index.active(id) - 1);

function newAgent(number, random) {
  const names = new Set();
  while (names.size < SKILLS_EACH) names.add(`skill-${Math.floor(random() * SKILLS)}`);
  return {
    id: `agent-${number}`,
    name: `agent ${number}`,
    capabilities: [...names].map((name) => ({ name, proficiency: 0.5 + random() / 2, technologies: [] })),
    maxConcurrentTasks: 10,
    unavailable: null,
    completed: Math.floor(random() * 100),
    failed: Math.floor(random() * 10),
    averageDurationMs: 1000,
  };
}

/** What one of the agents could do: 1 to 3 of its capabilities, as the keys the server matches by. */
function newDemand(crowd, random, toKey) {
  const { capabilities } = crowd[Math.floor(random() * crowd.length)];
  const from = Math.floor(random() * (SKILLS_EACH - 3));
  return { requirements: capabilities.slice(from, from + 1 + Math.floor(random() * 3)).map(({ name }) => toKey(name)) };
}

/** mulberry32: the same crowd and the same demands in every run. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
