import { expect, test } from "vitest";
import { openTokenCount } from "./token-count.ts";

test("a message that came in pieces and whole counts once, and what was not said is no zero", () => {
  const count = openTokenCount();
  expect(count.total()).toBeUndefined();
  count.addPiece("a", { input_tokens: 10 });
  count.addPiece("a", { output_tokens: 3 });
  expect(count.total()).toEqual({ inputTokens: 10, outputTokens: 3 });
  count.setWhole("a", { input_tokens: 10, output_tokens: 5 });
  count.setWhole("b", { input_tokens: 1 });
  expect(count.news()).toEqual({ inputTokens: 11, outputTokens: 5 });
  expect(count.news()).toBeUndefined();
});

test.each([-1, 1.5, 1e300, "12"])("%s tokens of one message make their sum unknown, whatever others say", (lie) => {
  const count = openTokenCount();
  count.setWhole("a", { input_tokens: 100, output_tokens: 7 });
  count.setWhole("b", { input_tokens: lie, output_tokens: 7 });
  count.addPiece("c", { input_tokens: 1, output_tokens: 1 });
  expect(count.total()).toEqual({ inputTokens: null, outputTokens: 15 });
});
