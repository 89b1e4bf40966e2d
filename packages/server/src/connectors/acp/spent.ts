// What an attempt used, from the figures an agent tells: of a turn, of one call of the model, of a process, or of a whole conversation. Pure.
import type { Outcome } from "@baton/contract";
import type { Prompted, Tokens } from "./messages.ts";
import type { Quirks } from "./quirks.ts";

type Usage = NonNullable<Outcome["usage"]>;
export type Money = NonNullable<Outcome["cost"]>;

export interface Told {
  /** The answer to the prompt; undefined when there was none. */
  prompted: Prompted | undefined;
  /** What pieces of the answer carried, one for each call of the model (qwen). */
  calls: readonly Tokens[];
  /** The last cost that was told after the prompt. */
  cost: Money | undefined;
  /** What the conversation had cost when the prompt was sent; undefined: unknown. */
  costBefore: Money | undefined;
  /** Whether a tool was used, and so the model called more than once. */
  usedTools: boolean;
}

export function usageOf(told: Told, quirks: Quirks): Usage | undefined {
  const { prompted, calls } = told;
  const known = (tokens: Tokens | null | undefined): Usage | undefined => {
    const input = inputOf(tokens);
    const output = tokens?.outputTokens ?? null;
    // All zeros is what is told when nothing was counted: a turn without a token is none.
    return (input ?? 0) + (output ?? 0) > 0 ? { inputTokens: input, outputTokens: output } : undefined;
  };
  const ofTurn = quirks.usageOf === "lastCall" && told.usedTools ? undefined : known(prompted?.usage);
  const quota = prompted?.["_meta"]?.quota?.token_count;
  const ofQuota = quota
    ? known({
        inputTokens: quota.input_tokens,
        outputTokens: quota.output_tokens,
        totalTokens: undefined,
        cachedReadTokens: undefined,
        cachedWriteTokens: undefined,
        thoughtTokens: undefined,
      })
    : undefined;
  return ofTurn ?? ofQuota ?? sumOf(calls.map(known));
}

/** Tokens that came from a cache were read all the same. Some agents count them in, some beside: the total tells which. */
function inputOf(tokens: Tokens | null | undefined): number | null {
  if (tokens?.inputTokens === null || tokens?.inputTokens === undefined) return null;
  const { inputTokens, totalTokens } = tokens;
  const cached = (tokens.cachedReadTokens ?? 0) + (tokens.cachedWriteTokens ?? 0);
  const others = tokens.outputTokens ?? 0;
  const beside = cached > 0 && [others, others + (tokens.thoughtTokens ?? 0)].some((rest) => totalTokens === inputTokens + cached + rest);
  return inputTokens + (beside ? cached : 0);
}

function sumOf(usages: readonly (Usage | undefined)[]): Usage | undefined {
  if (usages.length === 0) return undefined;
  const sum = (field: keyof Usage): number | null =>
    usages.reduce<number | null>((total, each) => (total === null || each === undefined || each[field] === null ? null : total + each[field]), 0);
  const [inputTokens, outputTokens] = [sum("inputTokens"), sum("outputTokens")];
  return inputTokens === null && outputTokens === null ? undefined : { inputTokens, outputTokens };
}

/** The share of this attempt in a cost that adds up. Unknown when what it began with is unknown, and when the counter went backwards. */
export function costOf({ cost, costBefore }: Told, quirks: Quirks): Money | undefined {
  if (cost === undefined || cost.amount === 0) return undefined;
  const before = quirks.costOf === "process" ? { amount: 0, currency: cost.currency } : costBefore;
  if (before === undefined || (before.amount > 0 && before.currency !== cost.currency) || before.amount > cost.amount) return undefined;
  return { amount: round(cost.amount - before.amount), currency: cost.currency };
}
/** Sums of money in floating point: 0.004038 - 0.002692 is not 0.001346. */
const round = (amount: number): number => Number(amount.toFixed(9));
