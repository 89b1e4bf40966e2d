// The tokens of one attempt, summed over its messages. A message that came in pieces and whole counts once.
// One count that cannot be makes its sum unknown: the others would be told as the whole.
import type { Json, Outcome } from "@baton/contract";
import { isObject } from "./message.ts";

interface Tokens {
  inputTokens: number | null;
  outputTokens: number | null;
}
export interface TokenCount {
  /** Pieces carry what is new; their sum is the message's. */
  addPiece(id: string, usage: Json | undefined): void;
  /** The whole message knows best. */
  setWhole(id: string | undefined, usage: Json | undefined): void;
  /** Undefined when nothing is known of tokens. */
  total(): Outcome["usage"];
  /** The total when it is not what it was at the last call. */
  news(): Tokens | undefined;
}

export function openTokenCount(): TokenCount {
  const pieces = new Map<string, Tokens>();
  const wholes = new Map<string, Tokens>();
  let nameless = 0;
  let before = "";
  const known = (count: number | null): number | null => (Number.isNaN(count) ? null : count);
  const total = (): Tokens | undefined => {
    const counted = [...wholes.values(), ...[...pieces].filter(([id]) => !wholes.has(id)).map(([, tokens]) => tokens)];
    const sums = counted.reduce(plus, { inputTokens: null, outputTokens: null });
    const [inputTokens, outputTokens] = [known(sums.inputTokens), known(sums.outputTokens)];
    return inputTokens === null && outputTokens === null ? undefined : { inputTokens, outputTokens };
  };
  return {
    addPiece: (id, usage) => {
      const tokens = toTokens(usage);
      if (tokens !== undefined) pieces.set(id, plus(pieces.get(id) ?? { inputTokens: null, outputTokens: null }, tokens));
    },
    setWhole: (id, usage) => {
      const tokens = toTokens(usage);
      if (tokens !== undefined) wholes.set(id ?? `nameless ${++nameless}`, tokens);
    },
    total,
    news: () => {
      const now = total();
      const shown = JSON.stringify(now) ?? "";
      if (now === undefined || shown === before) return undefined;
      before = shown;
      return now;
    },
  };
}

const plus = (a: Tokens, b: Tokens): Tokens => ({ inputTokens: sum(a.inputTokens, b.inputTokens), outputTokens: sum(a.outputTokens, b.outputTokens) });
const sum = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

function toTokens(usage: Json | undefined): Tokens | undefined {
  if (!isObject(usage)) return undefined;
  const [inputTokens, outputTokens] = [toCount(usage["input_tokens"]), toCount(usage["output_tokens"])];
  return inputTokens === null && outputTokens === null ? undefined : { inputTokens, outputTokens };
}
/** Null when nothing was said; NaN, which no sum gets rid of, when what was said cannot be. */
function toCount(value: Json | undefined): number | null {
  if (value === undefined || value === null) return null;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}
