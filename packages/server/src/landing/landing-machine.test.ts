// Batches and halving, with landings that are only numbers.
import type { GateResult } from "@baton/contract";
import { array, assert, boolean, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { afterJudging, afterKnownFailure, afterLanding, isKnownToFail, nextBatch, type Queued, type Suspicion, trusting } from "./landing-machine.ts";

const queued = (id: string, more: Partial<Queued> = {}): Queued => ({ id, target: "main", manner: "merge", isSingular: false, ...more });
const failing: GateResult = {
  name: "tests",
  kind: "command",
  origin: "file",
  state: "fail",
  reason: "no",
  detail: "",
  signature: "s",
  landingId: null,
  runs: [],
};
const no = { judgement: { state: "fail" as const, passes: false, reason: "no" }, results: [failing] };
const yes = { judgement: { state: "pass" as const, passes: true, reason: "yes" }, results: [] };

test("a batch ends where the next landing is for another target, done in another manner, or has gates of its own", () => {
  const line = [queued("a"), queued("b"), queued("c", { target: "next" }), queued("d")];
  expect(nextBatch(line, 8, trusting).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(nextBatch([queued("a"), queued("b", { manner: "squash" })], 8, trusting)).toHaveLength(1);
  expect(nextBatch([queued("a"), queued("b", { isSingular: true })], 8, trusting)).toHaveLength(1);
  expect(nextBatch([queued("a", { isSingular: true }), queued("b")], 8, trusting)).toHaveLength(1);
  expect(nextBatch(line, 1, trusting)).toHaveLength(1);
  expect(nextBatch([], 8, trusting)).toEqual([]);
});
test("whoever a gate is about is refused alone, and the others go on as before", () => {
  const { fates, suspicion } = afterJudging(["a", "b"], "tree", { ...no, results: [{ ...failing, landingId: "b" }] }, trusting);
  expect([fates.get("a")?.to, fates.get("b")?.to, suspicion]).toEqual(["queued", "refused", trusting]);
});
test("what could not be judged is nobody's fault, and lands nobody", () => {
  const judged = {
    judgement: { state: "misconfigured" as const, passes: false, reason: "no tool" },
    results: [{ ...failing, state: "misconfigured" as const }],
  };
  const { fates } = afterJudging(["a", "b"], "tree", judged, trusting);
  expect([...fates.values()].map((fate) => fate.to === "refused" && fate.failure.kind)).toEqual(["misconfigured", "misconfigured"]);
});
test("whoever breaks the tree alone is found, nobody else is refused, and everybody comes to an end", () => {
  assert(
    property(array(boolean(), { minLength: 1, maxLength: 40 }), integer({ min: 1, max: 16 }), (areGood, allowed) => {
      let line = areGood.map((isGood, at) => ({ ...queued(String(at)), isGood }));
      const [landed, refused]: [string[], string[]] = [[], []];
      let suspicion: Suspicion = trusting;
      let judged = 0;
      for (let rounds = 0; line.length > 0; rounds++) {
        expect(rounds).toBeLessThan(400);
        const batch = nextBatch(line, allowed, suspicion);
        const ids = batch.map(({ id }) => id);
        const tree = [...landed, ...ids].join(" ");
        const isKnown = isKnownToFail(ids, tree, suspicion);
        if (!isKnown) judged++;
        const settled = isKnown ? afterKnownFailure(ids, suspicion) : afterJudging(ids, tree, batch.every(({ isGood }) => isGood) ? yes : no, suspicion);
        suspicion = settled.suspicion;
        for (const [id, { to }] of settled.fates) (to === "moving" ? landed : to === "refused" ? refused : []).push(id);
        if ([...settled.fates.values()].some(({ to }) => to === "moving")) suspicion = afterLanding(ids.length, suspicion);
        line = line.filter(({ id }) => !landed.includes(id) && !refused.includes(id));
      }
      expect(landed).toEqual(areGood.flatMap((isGood, at) => (isGood ? [String(at)] : [])));
      const bad = areGood.filter((isGood) => !isGood).length;
      expect(judged).toBeLessThanOrEqual(Math.ceil(areGood.length / allowed) + bad * (2 * Math.ceil(Math.log2(allowed + 1)) + 4));
    }),
    { numRuns: 500 },
  );
});
