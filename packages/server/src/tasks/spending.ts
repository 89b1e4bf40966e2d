// What attempts spend: what agents tell, and where they do not, what their registration says or what is assumed of them by the hour. What one
// is expected to spend is the average of the agent's last attempts at the same, else the same declarations. Estimates are in memory.
import type { Outcome } from "@baton/contract";
import type { KnownAgent } from "../agents/agents.ts";
import { type Amount, describeAmount, type Kind, NANOS, type Want } from "../budgets/budgets.ts";
import type { Reader } from "../store/db.ts";
import { selectRecent } from "./attempt-rows.ts";

/** Assumed of agents that tell neither what they cost nor have it declared (`costs` of their registration). */
const USD_PER_HOUR = 3;
const TOKENS_PER_HOUR = 1_000_000;
/** How long an attempt is expected to take of which nothing is known. */
const USUAL_MS = 60_000;
const HOUR_MS = 3_600_000;
const RECENT = 20;
const KEPT = 50;
/** Other servers' attempts are looked at again after this long. */
const STALE_MS = 60_000;

/** By which what is not told is counted. */
export interface Rate {
  /** Of an attempt, declared. */
  usd?: number;
  usdPerHour: number;
  tokensPerHour: number;
  /** A command that tells of no tokens and no cost is taken to cost nothing. */
  silentIsFree: boolean;
}
/** Kept with an attempt that budgets know of. Once it has ended the amount is what it came to. */
export interface Hold {
  budgets: string[];
  amount: Amount;
  /** What any of these budgets limits. */
  limited: Kind[];
  rate: Rate;
  /** It has ended: the amount is used. */
  isSpent?: true;
}
export interface Told {
  usage?: Outcome["usage"];
  cost?: Outcome["cost"];
}
export interface Spent {
  amount: Amount;
  guessed: { usd: number; tokens: number };
}
export function toRate({ costs, connector }: Pick<KnownAgent, "costs" | "connector">): Rate {
  const isDeclared = costs.usdPerHour !== undefined || costs.tokensPerHour !== undefined || costs.usdPerAttempt !== undefined;
  return {
    ...(costs.usdPerAttempt === undefined ? {} : { usd: Math.round(costs.usdPerAttempt * NANOS) }),
    usdPerHour: Math.round((costs.usdPerHour ?? USD_PER_HOUR) * NANOS),
    tokensPerHour: costs.tokensPerHour ?? TOKENS_PER_HOUR,
    silentIsFree: connector.kind === "process" && !isDeclared,
  };
}
const toldTokens = ({ usage }: Told): number | undefined =>
  !usage || (usage.inputTokens === null && usage.outputTokens === null) ? undefined : (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
const toldUsd = ({ cost }: Told): number | undefined => (cost?.currency === "USD" ? Math.max(0, Math.round(cost.amount * NANOS)) : undefined);

/** What an attempt that ran for `ms` spent. */
export function toSpent(rate: Rate, told: Told, ms: number): Spent {
  const [usd, tokens] = [toldUsd(told), toldTokens(told)];
  const isFree = rate.silentIsFree && usd === undefined && tokens === undefined && told.cost === undefined;
  const guessedUsd = usd !== undefined || isFree ? 0 : (rate.usd ?? Math.round((rate.usdPerHour * ms) / HOUR_MS));
  const guessedTokens = tokens !== undefined || isFree ? 0 : Math.round((rate.tokensPerHour * ms) / HOUR_MS);
  return {
    amount: { usd: usd ?? guessedUsd, tokens: tokens ?? guessedTokens, ms: Math.max(0, Math.round(ms)), attempts: 1 },
    guessed: { usd: guessedUsd, tokens: guessedTokens },
  };
}

export interface Estimates {
  /** What an attempt of the agent at work with these requirements is expected to spend. @param expectedMs what its task expects. */
  of(db: Reader, known: KnownAgent, requirements: readonly string[], now: number): Promise<Want>;
  /** What one of its attempts has just told. */
  note(agentId: string, requirements: readonly string[], told: Told, ms: number): void;
}
interface Recent {
  key: string;
  usd: number | undefined;
  tokens: number | undefined;
  ms: number;
}
const keyOf = (requirements: readonly string[]): string => [...requirements].sort().join("\n");

export function openEstimates(): Estimates {
  const agents = new Map<string, { readAt: number; recent: Recent[] }>();
  async function recentOf(db: Reader, agentId: string, now: number): Promise<Recent[]> {
    const known = agents.get(agentId);
    if (known && now - known.readAt < STALE_MS) return known.recent;
    const found = await selectRecent(db, agentId, KEPT);
    const recent = found.map(({ route_key, outcome, ms }): Recent => {
      const told = JSON.parse(outcome) as Told;
      const [requirements] = JSON.parse(route_key) as [string[]];
      return { key: keyOf(requirements), usd: toldUsd(told), tokens: toldTokens(told), ms };
    });
    agents.set(agentId, { readAt: now, recent });
    return recent;
  }
  return {
    note: (agentId, requirements, told, ms) => {
      const recent = agents.get(agentId)?.recent;
      recent?.unshift({ key: keyOf(requirements), usd: toldUsd(told), tokens: toldTokens(told), ms });
      if (recent && recent.length > KEPT) recent.length = KEPT;
    },
    of: async (db, known, requirements, now) => {
      const key = keyOf(requirements);
      const same = (await recentOf(db, known.row.id, now)).filter((one) => one.key === key).slice(0, RECENT);
      const average = (of: (one: Recent) => number | undefined): number | undefined => {
        const values = same.flatMap((one) => of(one) ?? []);
        return values.length === 0 ? undefined : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
      };
      return toWant(toRate(known), { usd: average(({ usd }) => usd), tokens: average(({ tokens }) => tokens), ms: average(({ ms }) => ms) });
    },
  };
}
/** Of time what is expected is always a guess: it is stopped on the second, so that whatever is left will do. */
export function toWant(rate: Rate, average: { usd: number | undefined; tokens: number | undefined; ms: number | undefined }): Want {
  const ms = average.ms ?? USUAL_MS;
  const isSilent = average.ms !== undefined && average.usd === undefined && average.tokens === undefined;
  const isFree = rate.silentIsFree && (average.ms === undefined || isSilent);
  const byRate = isFree ? 0 : Math.round((rate.usdPerHour * ms) / HOUR_MS);
  const tokensByRate = isFree ? 0 : Math.round((rate.tokensPerHour * ms) / HOUR_MS);
  const lasting = `for ${describeAmount("ms", ms)}`;
  return {
    amount: { usd: average.usd ?? rate.usd ?? byRate, tokens: average.tokens ?? tokensByRate, ms, attempts: 1 },
    guessed: { usd: average.usd === undefined && rate.usd === undefined, tokens: average.tokens === undefined, ms: true, attempts: false },
    why: {
      usd:
        average.usd !== undefined
          ? "what its last attempts at this cost"
          : rate.usd === undefined
            ? `its run rate of ${describeAmount("usd", rate.usdPerHour)} an hour ${lasting}`
            : "declared",
      tokens:
        average.tokens !== undefined
          ? "what its last attempts at this used"
          : `its run rate of ${describeAmount("tokens", rate.tokensPerHour)} an hour ${lasting}`,
      ms: average.ms === undefined ? "assumed" : "what its last attempts at this took",
      attempts: "",
    },
  };
}
