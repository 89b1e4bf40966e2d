// What an attempt's end means for its step, and who is served first.
import { outcomeFailures } from "@baton/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AGING_MS, attemptState, BACKOFF_MS, type Happening, judge, MAX_LOSSES, queueKey, toResult } from "./task-machine.ts";

const failed = fc.record({
  ok: fc.constant(false as const),
  kind: fc.constantFrom(...outcomeFailures, "lost" as const, "released" as const),
  detail: fc.string(),
});
const happening: fc.Arbitrary<Happening> = fc.oneof(failed, fc.constant({ ok: true as const, output: null }));
const step = fc.record({ retriesLeft: fc.nat(3), tries: fc.nat(30), losses: fc.nat(MAX_LOSSES + 2) });
const chance = fc.double({ min: 0, max: 1, noNaN: true });

test("only time-outs and unavailability are tried again, and only while retries are left", () => {
  fc.assert(
    fc.property(happening, step, chance, (end, before, luck) => {
      const verdict = judge(end, before, luck);
      const mayTryAgain = !end.ok && (end.kind === "timeout" || end.kind === "unavailable") && before.retriesLeft > 0;
      expect(verdict.step === "delayed").toBe(mayTryAgain);
      if (verdict.step === "delayed") {
        expect(verdict.retriesLeft).toBe(before.retriesLeft - 1);
        const base = BACKOFF_MS[Math.min(before.tries, 2)] as number;
        expect(verdict.waitMs).toBeGreaterThanOrEqual(base);
        expect(verdict.waitMs).toBeLessThanOrEqual(base * 1.25);
        expect(verdict.exclude).toBe(!end.ok && end.kind === "unavailable");
      }
    }),
  );
});

test("whatever happens, a step comes to an end: nothing is tried or given back without end but by servers that stop", () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 20, maxLength: 20 }), chance, (ends, luck) => {
      let at = { retriesLeft: 3, tries: 0, losses: 0 };
      const counting = ends.filter((end) => end.ok || end.kind !== "released");
      for (const end of counting.slice(0, 4 + MAX_LOSSES)) {
        const verdict = judge(end, at, luck);
        if (verdict.step === "completed" || verdict.step === "failed") return;
        at = {
          retriesLeft: verdict.step === "delayed" ? verdict.retriesLeft : at.retriesLeft,
          tries: at.tries + 1,
          losses: verdict.step === "ready" ? verdict.losses : at.losses,
        };
      }
      expect(counting.length).toBeLessThan(4 + MAX_LOSSES);
    }),
  );
});

test("only what succeeded counts as completed", () => {
  fc.assert(fc.property(happening, (end) => (attemptState(end) === "completed") === end.ok));
});

test("nothing starves: whatever rank comes later, one that waited a minute for each rank between is served first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.nat(10_000_000), fc.nat(10_000_000), (mine, other, now, later) => {
      const waited = (other - mine) * AGING_MS;
      if (later > waited) expect(queueKey(now, mine)).toBeLessThan(queueKey(now + later, other));
      if (mine > other) expect(queueKey(now, mine)).toBeLessThan(queueKey(now, other));
    }),
  );
});

test("steps with names of the prototype keep their outputs in the result", () => {
  const result = toResult([
    { step_id: "__proto__", output: "1" },
    { step_id: 'quote"d', output: '{"a":2}' },
  ]);
  expect(Object.entries(JSON.parse(result as string) as object)).toEqual([
    ["__proto__", 1],
    ['quote"d', { a: 2 }],
  ]);
});
