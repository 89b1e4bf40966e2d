// What an agent may say in the metadata of a task, a status or a message, because the protocol has no place for it:
//   usage: {inputTokens, outputTokens}, also in snake case, or as prompt_tokens and completion_tokens: of the task so far;
//   progress: 0..1.
// What is not said in this way is unknown. Pure.
import type { Outcome } from "@baton/contract";

type Metadata = Record<string, unknown> | undefined;
export type Usage = NonNullable<Outcome["usage"]>;

export function readUsage(metadata: Metadata): Usage | undefined {
  const usage = metadata?.["usage"];
  if (typeof usage !== "object" || usage === null) return undefined;
  const count = (...names: string[]): number | null => {
    const value = names.map((name) => (usage as Record<string, unknown>)[name]).find((one) => one !== undefined);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const inputTokens = count("inputTokens", "input_tokens", "prompt_tokens");
  const outputTokens = count("outputTokens", "output_tokens", "completion_tokens");
  return inputTokens === null && outputTokens === null ? undefined : { inputTokens, outputTokens };
}

export function readFraction(metadata: Metadata): number | undefined {
  const progress = metadata?.["progress"];
  return typeof progress === "number" && progress >= 0 && progress <= 1 ? progress : undefined;
}
