// What an attempt used: counted while the model's messages stream by, and as Claude Code sums it up with each result.
//
// Measured: 2.1.197 sums up per process, so that a resumed conversation begins again at 0. 2.1.329 goes on counting where the resumed
// conversation stood, and says beside it what came since its last result. Both price models they have no price for.
import type { Outcome } from "@baton/contract";
import type { ModelUsage, Result, StreamEvent, Tokens } from "./messages.ts";

type Spent = Pick<Outcome, "usage" | "cost">;
interface Sum {
  inputTokens: number;
  outputTokens: number;
  /** undefined: unknown. */
  usd: number | undefined;
}

export interface SpentCounter {
  /** True when there is more to tell. `stream`: whose messages these are; helpers of its own speak at the same time. */
  take(event: StreamEvent, stream: string): boolean;
  sumUp(result: Result): void;
  /** Nothing in it that is unknown. */
  spent(): Spent;
}
export function openSpentCounter(resumed: boolean): SpentCounter {
  const current = new Map<string, { input: number; output: number }>();
  const streamed = { inputTokens: 0, outputTokens: 0 };
  let summed: Sum | undefined;
  const add = (stream: string, input: number, output: number): void => {
    const before = current.get(stream) ?? { input: 0, output: 0 };
    streamed.inputTokens += input - before.input;
    streamed.outputTokens += output - before.output;
    current.set(stream, { input, output });
  };
  return {
    take: (event, stream) => {
      if (event.type === "message_start") {
        current.delete(stream);
        add(stream, inputOf(event.message?.usage ?? {}), event.message?.usage?.output_tokens ?? 0);
      }
      if (event.type !== "message_delta" || event.usage === undefined) return false;
      // Within a message counts are cumulative; the end of it may or may not repeat the input.
      add(stream, Math.max(inputOf(event.usage), current.get(stream)?.input ?? 0), event.usage.output_tokens ?? 0);
      return true;
    },
    sumUp: (result) => {
      const since = result.model_usage_since_last_result;
      if (since !== undefined) {
        summed = plus(summed, sumOf(since));
        return;
      }
      const total = totalOf(result);
      // It may have gone on counting from where the conversation stood: then only what streamed by is known.
      const isOwn = !resumed || (total.inputTokens === streamed.inputTokens && total.outputTokens === streamed.outputTokens);
      summed = isOwn ? total : { ...streamed, usd: undefined };
    },
    spent: () => {
      // An interrupted turn may be summed up with zeros, which is not what it used.
      const { inputTokens, outputTokens } = summed !== undefined && summed.inputTokens + summed.outputTokens > 0 ? summed : streamed;
      const usd = summed?.usd ?? 0;
      return {
        usage: inputTokens + outputTokens > 0 ? { inputTokens, outputTokens } : undefined,
        cost: usd > 0 ? { amount: usd, currency: "USD" } : undefined,
      };
    },
  };
}

/** What was read from a cache or written to one was sent too. */
const inputOf = (tokens: Tokens): number => (tokens.input_tokens ?? 0) + (tokens.cache_read_input_tokens ?? 0) + (tokens.cache_creation_input_tokens ?? 0);

/** By model, where it says so: that counts its helpers in. */
function totalOf(result: Result): Sum {
  const models = result.modelUsage ?? {};
  if (Object.keys(models).length === 0)
    return { inputTokens: inputOf(result.usage ?? {}), outputTokens: result.usage?.output_tokens ?? 0, usd: result.total_cost_usd };
  return { ...sumOf(models), usd: Object.entries(models).every(hasPrice) ? result.total_cost_usd : undefined };
}
function sumOf(models: Record<string, ModelUsage>): Sum {
  const entries = Object.entries(models);
  const sum: Sum = { inputTokens: 0, outputTokens: 0, usd: entries.every(hasPrice) ? 0 : undefined };
  for (const [, model] of entries) {
    sum.inputTokens += (model.inputTokens ?? 0) + (model.cacheReadInputTokens ?? 0) + (model.cacheCreationInputTokens ?? 0);
    sum.outputTokens += model.outputTokens ?? 0;
    if (sum.usd !== undefined) sum.usd = model.costUSD === undefined ? undefined : sum.usd + model.costUSD;
  }
  return sum;
}
/** Versions that do not say have prices for their maker's models. */
const hasPrice = ([name, { costBasis }]: [string, ModelUsage]): boolean => (costBasis === undefined ? /claude/i.test(name) : costBasis !== "unknown");
function plus(before: Sum | undefined, more: Sum): Sum {
  if (before === undefined) return more;
  const usd = before.usd === undefined || more.usd === undefined ? undefined : before.usd + more.usd;
  return { inputTokens: before.inputTokens + more.inputTokens, outputTokens: before.outputTokens + more.outputTokens, usd };
}
