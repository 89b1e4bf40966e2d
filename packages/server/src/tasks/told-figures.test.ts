import type { Outcome } from "@baton/contract";
import { array, assert, constantFrom, double, integer, oneof, property, record } from "fast-check";
import { expect, test } from "vitest";
import { openToldFigures } from "./told-figures.ts";

function open() {
  const doubts: string[] = [];
  return { doubts, ...openToldFigures((sentence) => doubts.push(sentence)) };
}
const usageOf = (inputTokens: number | null, outputTokens: number | null) => ({ kind: "usage" as const, inputTokens, outputTokens, cost: null });
const ended = (more: Pick<Outcome, "usage" | "cost">): Outcome => ({ ok: true, output: "done", ...more });

test("what can be true is believed as it is, and nothing is said of it", () => {
  const { heed, settle, doubts } = open();
  expect(heed(usageOf(10, null))).toEqual(usageOf(10, null));
  expect(heed({ ...usageOf(1000, 50), cost: { amount: 0.02, currency: "USD" } })).toMatchObject({ cost: { amount: 0.02 } });
  const outcome = ended({ usage: { inputTokens: 1000, outputTokens: 60 }, cost: { amount: 0.03, currency: "EUR" } });
  expect(settle(outcome)).toEqual(outcome);
  expect(doubts).toEqual([]);
});

test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2_000_000_000, Number.MAX_SAFE_INTEGER])("%s tokens are unknown, and said once", (lie) => {
  const { heed, settle, doubts } = open();
  expect(heed(usageOf(lie, 5))).toEqual(usageOf(null, 5));
  expect(settle(ended({ usage: { inputTokens: lie, outputTokens: lie } }))).toEqual(ended({}));
  expect(doubts.filter((one) => one.includes("input tokens"))).toHaveLength(1);
});

test.each([
  [-0.01, "USD"],
  [Number.NaN, "USD"],
  [Number.POSITIVE_INFINITY, "USD"],
  [100_001, "USD"],
  [1, "dollars"],
  [1, ""],
])("a cost of %s %s is unknown, and the rest stays", (amount, currency) => {
  const { settle, doubts } = open();
  expect(settle(ended({ usage: { inputTokens: 1, outputTokens: 1 }, cost: { amount, currency } }))).toEqual(
    ended({ usage: { inputTokens: 1, outputTokens: 1 } }),
  );
  expect(doubts).toHaveLength(1);
});

test("who tells of less than before has used what it told before", () => {
  const { heed, settle, doubts } = open();
  heed({ ...usageOf(500, 100), cost: { amount: 2, currency: "USD" } });
  expect(heed({ ...usageOf(3, 120), cost: { amount: 1, currency: "USD" } })).toEqual({ ...usageOf(500, 120), cost: { amount: 2, currency: "USD" } });
  expect(settle(ended({ usage: { inputTokens: 0, outputTokens: 0 }, cost: { amount: 0, currency: "USD" } }))).toEqual(
    ended({ usage: { inputTokens: 500, outputTokens: 120 }, cost: { amount: 2, currency: "USD" } }),
  );
  expect(doubts).toHaveLength(3);
});

test("whatever is told, what is believed can be added up and never goes down", () => {
  const number = oneof(double(), integer(), constantFrom(null, 0, -0, 1e308));
  assert(
    property(array(record({ input: number, output: number, amount: double() })), (tellings) => {
      const { heed } = open();
      let last = 0;
      for (const { input, output, amount } of tellings) {
        const update = heed({ kind: "usage", inputTokens: input, outputTokens: output, cost: { amount, currency: "USD" } });
        if (update.kind !== "usage" || update.inputTokens === null) continue;
        expect(Number.isSafeInteger(update.inputTokens)).toBe(true);
        expect(update.inputTokens).toBeGreaterThanOrEqual(last);
        last = update.inputTokens;
        expect(update.cost === null || (update.cost.amount >= 0 && update.cost.amount <= 100_000)).toBe(true);
      }
    }),
  );
});
