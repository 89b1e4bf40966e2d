import { expect, test } from "vitest";
import { NODE, layOutPlan } from "./plan-layout.ts";

const steps = [
  { id: "a", needs: [] },
  { id: "b", needs: ["a"] },
  { id: "c", needs: ["a"] },
  { id: "d", needs: ["b", "c"] },
];
const at = (places: ReturnType<typeof layOutPlan>, id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN };

test("a step stands to the right of every step it needs", () => {
  const places = layOutPlan(steps, "wide");
  for (const { id, needs } of steps) for (const need of needs) expect(at(places, id).x).toBeGreaterThanOrEqual(at(places, need).x + NODE.width);
});

test("on a narrow screen every step stands below what it needs, all in one column", () => {
  const places = layOutPlan(steps.toReversed(), "narrow");
  for (const { id, needs } of steps) for (const need of needs) expect(at(places, id).y).toBeGreaterThanOrEqual(at(places, need).y + NODE.height);
  expect(new Set([...places.values()].map(({ x }) => x)).size).toBe(1);
});

test("steps that can run at once do not overlap", () => {
  const places = layOutPlan(steps, "wide");
  expect(Math.abs(at(places, "b").y - at(places, "c").y)).toBeGreaterThanOrEqual(NODE.height);
});
