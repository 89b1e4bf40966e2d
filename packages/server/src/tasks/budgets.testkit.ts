// What the suites of budgets are held up by.
import { type BudgetInput, budgetInput, budgetPatch, type Event, type Outcome, parse } from "@baton/contract";
import { afterEach, expect } from "vitest";
import { checkBudgets } from "../../../../tests/chaos/check-budgets.ts";
import { createBudget, patchBudget } from "../budgets/budgets.ts";
import type { DispatcherSettings } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

export const costing = (amount: number): Outcome => ({
  ok: true,
  output: "done",
  cost: { amount, currency: "USD" },
  usage: { inputTokens: 80, outputTokens: 20 },
});
export const untilAborted = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "told to stop" }), { once: true }));
export const DAY_MS = 86_400_000;
/** For clocks that jump. */
export const LONG_LEASE = { leaseMs: 2 * DAY_MS };
export const NOON = Date.parse("2027-03-01T12:00:00Z");
export function openClock(at: number) {
  let now = at;
  return { now: () => now, set: (to: number) => (now = to) };
}
export const chain = (n: number) => Array.from({ length: n }, (_, at) => ({ id: `s${at}`, needs: at === 0 ? [] : [`s${at - 1}`] }));
export const sideBySide = (n: number) => Array.from({ length: n }, (_, at) => ({ id: `s${at}` }));
export const limit = (server: TestServer, given: Partial<BudgetInput>) =>
  createBudget(server, parse(budgetInput, { name: "all", scope: "everything", ...given }, "body"));
export const raise = (server: TestServer, name: string, given: object) => patchBudget(server, name, parse(budgetPatch, given, "body"));
export async function event(server: TestServer, type: string): Promise<Event> {
  for await (const [found] of server.events.follow({ after: 0, filter: { type }, signal: AbortSignal.timeout(60_000) })) if (found) return found;
  throw new Error(`No ${type} within 5 s.`);
}
export const count = async (server: TestServer, type: string) => (await server.events.list({ type, limit: 500 })).items.length;

/** Servers of one store for each test; when it ends, counters must be what the rows say. */
export function openServers(freshStore: () => Promise<OpenStore>) {
  const servers: TestServer[] = [];
  let open: OpenStore;
  const join = async (script: Script, settings?: Partial<DispatcherSettings>, clock?: { now(): number }) => {
    const server = await openTestServer(open, script, settings, clock);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    try {
      for (const { db } of servers) expect(await checkBudgets(db)).toEqual([]);
    } finally {
      for (const server of servers.splice(0)) await server.stop();
    }
  });
  return {
    join,
    start: async (script: Script, settings?: Partial<DispatcherSettings>, clock?: { now(): number }) => {
      open = await freshStore();
      return join(script, settings, clock);
    },
  };
}
