// The meter of one attempt that budgets know of: compares what it has told, and how long it has run, with what is held for it. Whoever goes over
// that asks for more, and is ended when no budget has more.
import type { Update } from "@baton/contract";
import type { Amount } from "../budgets/budgets.ts";
import { type Hold, toSpent, type Told } from "./spending.ts";

export interface Meter {
  heed(update: Update): void;
  /** To be called now and then: time passes, and money with it where it is counted by the hour. */
  look(): void;
  /** What was told on the way, newest first. */
  told(): Told;
}
export interface Metered {
  hold: Hold;
  /** How long the agent has worked. */
  ranMs(): number;
  /** @returns what is held now; or why nothing more is. Never rejects: undefined when that could not be found out. */
  extend(spent: Amount): Promise<Amount | string | undefined>;
  /** The attempt must end, in words why. */
  stop(detail: string): void;
}

export function openMeter({ hold, ranMs, extend, stop }: Metered): Meter {
  let told: Told = {};
  let held = hold.amount;
  let isAsking = false;
  function look(): void {
    if (isAsking) return;
    const { amount } = toSpent(hold.rate, told, ranMs());
    if (hold.limited.every((kind) => amount[kind] <= held[kind])) return;
    isAsking = true;
    void extend(amount).then((answer) => {
      isAsking = false;
      if (typeof answer === "string") return stop(answer);
      if (answer === undefined) return;
      held = answer;
      look();
    });
  }
  return {
    look,
    told: () => told,
    heed: (update) => {
      if (update.kind !== "usage") return;
      const { inputTokens, outputTokens, cost } = update;
      told = { usage: { inputTokens, outputTokens }, ...(cost === null ? {} : { cost }) };
      look();
    },
  };
}
