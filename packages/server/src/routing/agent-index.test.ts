// The index must choose as a slow reading of the specification would, whatever came, changed and went before.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AgentIndex, type Demand, type RoutableAgent } from "./agent-index.ts";
import { successRate } from "./score.ts";
import { toCapabilityKey } from "./capability.ts";
import { parseRouteKey, toRouteKey } from "./route-key.ts";
import { matchScore, usablePlaces } from "./score.ts";

const blank: RoutableAgent = {
  id: "",
  name: "",
  capabilities: [],
  maxConcurrentTasks: 1,
  unavailable: null,
  parkedFor: null,
  completed: 0,
  failed: 0,
  averageDurationMs: null,
  role: "worker",
  price: null,
};
const skills = ["rust", "go", "web", "tests", "docs"];
const skill = fc.constantFrom(...skills);
const capability = fc.record({ name: skill, proficiency: fc.double({ min: 0, max: 1, noNaN: true }), technologies: fc.uniqueArray(skill, { maxLength: 2 }) });
const agent = fc.record({
  id: fc.constantFrom(...Array.from({ length: 70 }, (_, at) => `agent-${at}`)),
  capabilities: fc.array(capability, { maxLength: 3 }),
  maxConcurrentTasks: fc.integer({ min: 1, max: 12 }),
  onRequest: fc.boolean(),
  unavailable: fc.option(fc.constant("is paused"), { freq: 5 }),
  completed: fc.nat(9),
  failed: fc.nat(9),
  role: fc.constantFrom("worker", "coordinator"),
  active: fc.nat(12),
});
const happening = fc.oneof({ weight: 6, arbitrary: agent.map((put) => ({ put })) }, { weight: 2, arbitrary: agent.map(({ id }) => ({ remove: id })) });
const demand: fc.Arbitrary<Demand> = fc.record({
  requirements: fc.uniqueArray(skill, { maxLength: 3 }),
  agent: fc.option(
    agent.map(({ id }) => id),
    { nil: undefined, freq: 5 },
  ),
  excluded: fc.array(
    agent.map(({ id }) => id),
    { maxLength: 2 },
  ),
  preferred: fc.option(
    agent.map(({ id }) => id),
    { nil: undefined },
  ),
  role: fc.constantFrom(undefined, "coordinator"),
});
type Known = RoutableAgent & { active: number };

/** The specification, read slowly. */
function chooseSlowly(agents: Iterable<Known>, wanted: Demand): { id: string; score: number }[] {
  const able: { id: string; score: number; isFree: boolean }[] = [];
  for (const one of agents) {
    const levels = wanted.requirements.map((key) => {
      const having = one.capabilities.filter(({ name, technologies }) => name === key || technologies.includes(key));
      return having.length === 0 ? undefined : Math.max(...having.map(({ proficiency }) => proficiency));
    });
    const load = one.active / one.maxConcurrentTasks;
    const may = one.unavailable === null && (wanted.agent === undefined || wanted.agent === one.id);
    const named = wanted.agent ?? (wanted.preferred !== undefined && wanted.excluded?.includes(wanted.preferred) ? undefined : wanted.preferred);
    const isAsked = one.onRequest !== true || wanted.requirements.length > 0 || named === one.id;
    if (!may || !isAsked || levels.includes(undefined)) continue;
    let sum = 0;
    for (const level of levels) sum += level ?? 0;
    const bonus = wanted.role === one.role ? 0.1 : 0;
    able.push({ id: one.id, score: 0.5 * sum + 0.3 * successRate(one) + 0.2 * (1 - load) + bonus, isFree: load < 0.8 });
  }
  const preferred = wanted.agent === undefined ? able.filter(({ id }) => id === wanted.preferred && !wanted.excluded?.includes(id)) : [];
  if (preferred.length > 0) return preferred.filter(({ isFree }) => isFree);
  const others = able.filter(({ id }) => !wanted.excluded?.includes(id));
  return (others.length > 0 ? others : able).filter(({ isFree }) => isFree).sort((a, b) => b.score - a.score);
}

test("chooses as a slow reading of the rules does, after any comings, changes and goings", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), fc.array(demand, { minLength: 1, maxLength: 8 }), (history, demands) => {
      const index = new AgentIndex();
      const known = new Map<string, Known>();
      for (const one of history) {
        if ("remove" in one) {
          index.remove(one.remove);
          known.delete(one.remove);
        } else {
          const put = { ...blank, ...one.put, name: `name of ${one.put.id}` };
          index.put(put);
          index.setActive(put.id, put.active);
          known.set(put.id, put);
        }
      }
      expect(index.size).toBe(known.size);
      for (const wanted of demands) {
        const able = chooseSlowly(known.values(), wanted);
        const choice = index.choose(wanted);
        expect(choice?.score).toBe(able[0]?.score);
        expect(choice?.considered ?? 0).toBe(able.length);
        if (!choice) continue;
        expect(able.filter(({ score }) => score === choice.score).map(({ id }) => id)).toContain(choice.agent.id);
        expect([choice, ...choice.alternatives].map(({ score }) => score)).toEqual(able.slice(0, 4).map(({ score }) => score));
      }
    }),
    { numRuns: 300 },
  );
});

test("the score is half the proficiencies, three tenths the record and two tenths the room, to the letter", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (sum, rate, load) => {
        expect(matchScore(sum, rate, load)).toBe(0.5 * sum + 0.3 * rate + 0.2 * (1 - load));
      },
    ),
  );
  expect(matchScore(1, 1, 0)).toBe(1);
});

test("places are given out until the load reaches 0.8, for every capacity", () => {
  for (let max = 1; max <= 20_000; max++) {
    const places = usablePlaces(max);
    const isRight = places / max >= 0.8 && (places === 1 || (places - 1) / max < 0.8);
    if (!isRight) expect.fail(`of ${max} places ${places} are given out`);
  }
});

describe("among equals", () => {
  const equals = (count: number): AgentIndex => {
    const index = new AgentIndex();
    for (let at = 0; at < count; at++) index.put({ ...blank, id: `agent-${at}`, name: `agent-${at}` });
    return index;
  };
  test("everybody is chosen equally often", () => {
    const index = equals(40);
    const chosen = Array.from({ length: 120 }, () => index.choose({ requirements: [] })?.agent.id);
    const times = new Map<string | undefined, number>();
    for (const id of chosen) times.set(id, (times.get(id) ?? 0) + 1);
    expect([...new Set(times.values())]).toEqual([3]);
  });

  test("a newcomer in the place of one that left has not been chosen yet", () => {
    const index = equals(2);
    index.choose({ requirements: [] });
    index.choose({ requirements: [] });
    index.remove("agent-1");
    index.put({ ...blank, id: "new", name: "new" });
    expect(index.choose({ requirements: [] })?.agent.id).toBe("new");
  });
});

test.each(["Code Review", "code-review", "code_review", " CODE__review ", "code - review"])("%j is the same capability as code_review", (name) => {
  expect(toCapabilityKey(name)).toBe("code_review");
});

test("an agent is found by id before by name, and by neither once it is gone", () => {
  const index = new AgentIndex();
  index.put({ ...blank, id: "a", name: "b" });
  index.put({ ...blank, id: "b", name: "c" });
  expect([index.get("a"), index.get("b"), index.get("c")].map((one) => one?.id)).toEqual(["a", "b", "b"]);
  index.remove("b");
  expect([index.get("b")?.id, index.get("c")]).toEqual(["a", undefined]);
});

test("a demand is the same after it stood in a line, and short while nobody is wished for", () => {
  const wishes = fc.record({ continues: fc.string(), preferred: fc.string(), role: fc.string() }, { requiredKeys: [] });
  fc.assert(
    fc.property(demand, wishes, (wanted, wished) => {
      const given: Demand = { ...wanted, preferred: undefined, role: undefined, ...wished };
      const { requirements, excluded, ...rest } = parseRouteKey(toRouteKey(given));
      expect({ requirements, excluded: excluded ?? [], ...rest }).toEqual({
        ...given,
        requirements: [...given.requirements].sort(),
        excluded: [...(given.excluded ?? [])].sort(),
      });
    }),
  );
  expect(toRouteKey({ requirements: ["b", "a"] })).toBe('[["a","b"],null]');
  expect(parseRouteKey('[["a"],null,[],"first"]')).toEqual({ requirements: ["a"], continues: "first" });
});
