// What agents tell of tokens and money, held to what can be true: agents miscount, and some lie. What cannot be true is unknown, and counts as such
// everywhere: for budgets, ratings, sums and screens. One of these an attempt; whatever kind its agent is, its words pass here.
import type { Outcome, Update } from "@baton/contract";

/** More than any attempt uses: a thousand full windows of a million tokens. */
const MOST_TOKENS = 1_000_000_000;
/** In whatever currency. */
const MOST_MONEY = 100_000;
const CURRENCY = /^[A-Z]{3}$/;

type Usage = NonNullable<Outcome["usage"]>;
type Money = NonNullable<Outcome["cost"]>;
export interface ToldFigures {
  /** The update as it may be believed. What it says is of all of the attempt so far: it never says less than before. */
  heed(update: Update): Update;
  /** The outcome as it may be believed. */
  settle(outcome: Outcome): Outcome;
}

/** @param doubt says, once for each figure, what is not believed. */
export function openToldFigures(doubt: (sentence: string) => void): ToldFigures {
  const before: { inputTokens: number; outputTokens: number; cost: Money | undefined } = { inputTokens: 0, outputTokens: 0, cost: undefined };
  const doubted = new Set<string>();
  const doubtOnce = (what: string, sentence: string): void => {
    if (doubted.has(what)) return;
    doubted.add(what);
    doubt(sentence);
  };
  function tokens(what: "inputTokens" | "outputTokens", told: number | null): number | null {
    if (told === null) return null;
    const said = `${told} ${what === "inputTokens" ? "input" : "output"} tokens`;
    if (!Number.isSafeInteger(told) || told < 0 || told > MOST_TOKENS) {
      doubtOnce(what, `The agent told of ${said}, which cannot be: how many it used is unknown.`);
      return null;
    }
    if (told < before[what]) doubtOnce(`${what} before`, `The agent told of ${said} after ${before[what]}: it has used ${before[what]} at least.`);
    before[what] = Math.max(before[what], told);
    return before[what];
  }
  function money(told: Money | undefined): Money | undefined {
    if (told === undefined) return undefined;
    const said = `a cost of ${told.amount} ${told.currency.slice(0, 20)}`;
    if (!Number.isFinite(told.amount) || told.amount < 0 || told.amount > MOST_MONEY || !CURRENCY.test(told.currency)) {
      doubtOnce("cost", `The agent told of ${said}, which cannot be: what it cost is unknown.`);
      return undefined;
    }
    const { cost } = before;
    if (cost !== undefined && cost.currency === told.currency && told.amount < cost.amount) {
      doubtOnce("cost before", `The agent told of ${said} after ${cost.amount} ${cost.currency}: it has cost ${cost.amount} at least.`);
      return cost;
    }
    before.cost = told;
    return told;
  }
  const usage = ({ inputTokens, outputTokens }: Usage): Usage => ({
    inputTokens: tokens("inputTokens", inputTokens),
    outputTokens: tokens("outputTokens", outputTokens),
  });
  return {
    heed: (update) => (update.kind === "usage" ? { ...update, ...usage(update), cost: money(update.cost ?? undefined) ?? null } : update),
    settle: (outcome) => {
      const { usage: toldUsage, cost: toldCost, ...rest } = outcome;
      const [believed, cost] = [toldUsage && usage(toldUsage), money(toldCost)];
      const isKnown = believed !== undefined && (believed.inputTokens !== null || believed.outputTokens !== null);
      return { ...rest, ...(isKnown ? { usage: believed } : {}), ...(cost === undefined ? {} : { cost }) };
    },
  };
}
