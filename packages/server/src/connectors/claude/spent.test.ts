// What an attempt used, as different versions of Claude Code tell it.
import { expect, test } from "vitest";
import { readMessage, type Result } from "./messages.ts";
import { openSpentCounter } from "./spent.ts";

/** One message of the model: 100 tokens in, 10 out. */
function counterAfterOneMessage(resumed: boolean) {
  const counter = openSpentCounter(resumed);
  counter.take({ type: "message_start", message: { id: "m", usage: { input_tokens: 100, output_tokens: 1 } } }, "");
  counter.take({ type: "message_delta", usage: { output_tokens: 10 } }, "");
  return counter;
}
const sums = (input: number, output: number, usd: number): Result => ({
  type: "result",
  total_cost_usd: usd,
  modelUsage: { "claude-big": { inputTokens: input, outputTokens: output, costUSD: usd } },
});

test("sums of a process are the attempt's own", () => {
  const counter = counterAfterOneMessage(false);
  counter.sumUp(sums(500, 50, 0.5));
  expect(counter.spent()).toEqual({ usage: { inputTokens: 500, outputTokens: 50 }, cost: { amount: 0.5, currency: "USD" } });
});
test("so they are in a resumed conversation when they agree with what was seen", () => {
  const counter = counterAfterOneMessage(true);
  counter.sumUp(sums(100, 10, 0.1));
  expect(counter.spent()).toEqual({ usage: { inputTokens: 100, outputTokens: 10 }, cost: { amount: 0.1, currency: "USD" } });
});
test("when they do not, they may be of the whole conversation: the cost is unknown", () => {
  const counter = counterAfterOneMessage(true);
  counter.sumUp(sums(9_000, 900, 9));
  expect(counter.spent()).toEqual({ usage: { inputTokens: 100, outputTokens: 10 }, cost: undefined });
});
test("of nothing nothing is known", () => {
  const counter = openSpentCounter(false);
  counter.sumUp({ type: "result", total_cost_usd: 0, modelUsage: {}, usage: { input_tokens: 0, output_tokens: 0 } });
  expect(counter.spent()).toEqual({ usage: undefined, cost: undefined });
});
test.each([-60, 1.5, "many"])("a count of %s makes its sum unknown, and what streamed by counts", (lie) => {
  const told = (input: unknown) =>
    readMessage({
      type: "result",
      modelUsage: { "claude-big": { inputTokens: input as number, outputTokens: 50 }, "claude-small": { inputTokens: 100, outputTokens: 5 } },
    });
  const counter = counterAfterOneMessage(false);
  counter.sumUp(told(lie) as Result);
  expect(counter.spent().usage).toEqual({ inputTokens: 100, outputTokens: 10 });
  const unseen = openSpentCounter(false);
  unseen.sumUp(told(lie) as Result);
  expect(unseen.spent().usage).toBeUndefined();
});
test("a count that is null is none", () => {
  const told = readMessage({ type: "result", usage: { input_tokens: 7, cache_read_input_tokens: null, output_tokens: 3 } });
  const counter = openSpentCounter(false);
  counter.sumUp(told as Result);
  expect(counter.spent().usage).toEqual({ inputTokens: 7, outputTokens: 3 });
});
