// What an attempt used: counted while the model's messages stream by, and as Claude Code sums it up at the end. One process is one
// attempt, so that its sums, which it keeps per process (a resumed conversation begins again at 0), are the attempt's own.
import type { Outcome } from "@baton/contract";
import type { Result, StreamEvent, Tokens } from "./messages.ts";

type Spent = Pick<Outcome, "usage" | "cost">;

export interface SpentCounter {
  /** True when there is more to tell. `stream`: whose messages these are; helpers of its own speak at the same time. */
  take(event: StreamEvent, stream: string): boolean;
  sumUp(result: Result): void;
  /** Nothing in it that is unknown. */
  spent(): Spent;
}
export function openSpentCounter(): SpentCounter {
  const current = new Map<string, { input: number; output: number }>();
  const streamed = { input: 0, output: 0 };
  let summed: Spent = {};
  const add = (stream: string, input: number, output: number): void => {
    const before = current.get(stream) ?? { input: 0, output: 0 };
    streamed.input += input - before.input;
    streamed.output += output - before.output;
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
      const sum = sumOf(result);
      summed = {
        usage: sum.inputTokens + sum.outputTokens > 0 ? sum : undefined,
        cost: (result.total_cost_usd ?? 0) > 0 ? { amount: result.total_cost_usd ?? 0, currency: "USD" } : undefined,
      };
    },
    spent: () => {
      const counted = streamed.input + streamed.output > 0 ? { inputTokens: streamed.input, outputTokens: streamed.output } : undefined;
      // An interrupted turn is summed up with zeros, which is not what it used.
      return { usage: summed.usage ?? counted, cost: summed.cost };
    },
  };
}

/** What was read from a cache or written to one was sent too. */
const inputOf = (tokens: Tokens): number => (tokens.input_tokens ?? 0) + (tokens.cache_read_input_tokens ?? 0) + (tokens.cache_creation_input_tokens ?? 0);

/** By model, where it says so: that counts its helpers in. */
function sumOf(result: Result): { inputTokens: number; outputTokens: number } {
  const models = Object.values(result.modelUsage ?? {});
  if (models.length === 0) return { inputTokens: inputOf(result.usage ?? {}), outputTokens: result.usage?.output_tokens ?? 0 };
  return {
    inputTokens: models.reduce((sum, model) => sum + (model.inputTokens ?? 0) + (model.cacheReadInputTokens ?? 0) + (model.cacheCreationInputTokens ?? 0), 0),
    outputTokens: models.reduce((sum, model) => sum + (model.outputTokens ?? 0), 0),
  };
}
