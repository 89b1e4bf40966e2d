// What an attempt has used in all its rounds. One count that is not known makes its sum unknown: a part of it would be told as the whole.
import type { Outcome, Prices } from "@baton/contract";
import type { AttemptContext } from "../connector.ts";
import { toCost } from "../cost.ts";

export interface Spent {
  /** A round has ended; undefined: nobody knows what it used. */
  add(usage: Outcome["usage"]): void;
  /** What there is to say of it; nothing before the first round. */
  told(): Pick<Outcome, "usage" | "cost">;
}

export function countSpent(prices: Prices | undefined, context: AttemptContext): Spent {
  let sum: NonNullable<Outcome["usage"]> | undefined;
  const plus = (before: number | null, more: number | null | undefined): number | null =>
    before === null || more === null || more === undefined ? null : before + more;
  return {
    add: (usage) => {
      const before = sum ?? { inputTokens: 0, outputTokens: 0 };
      sum = { inputTokens: plus(before.inputTokens, usage?.inputTokens), outputTokens: plus(before.outputTokens, usage?.outputTokens) };
      context.onUpdate({ kind: "usage", ...sum, cost: toCost(prices, sum) ?? null });
    },
    told: () => {
      if (sum === undefined || (sum.inputTokens === null && sum.outputTokens === null)) return {};
      const cost = toCost(prices, sum);
      return { usage: sum, ...(cost === undefined ? {} : { cost }) };
    },
  };
}
