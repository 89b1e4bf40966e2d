// What an attempt cost, where the agent counts tokens and its registration knows their price.
import type { Outcome, Prices } from "@baton/contract";

type Cost = NonNullable<Outcome["cost"]>;
/** Undefined, which means unknown, when a price or one of the counts is missing. */
export function toCost(prices: Prices | undefined, usage: Outcome["usage"]): Cost | undefined {
  if (prices === undefined || !usage || usage.inputTokens === null || usage.outputTokens === null) return undefined;
  return { amount: (usage.inputTokens * prices.input + usage.outputTokens * prices.output) / 1_000_000, currency: prices.currency };
}
