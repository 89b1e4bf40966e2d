// Verdicts as they are kept: written once, never changed.
import { type GateResult, Refusal, type Verdict, type VerdictState } from "@baton/contract";
import type { NewEvent } from "../events/events.ts";
import { iso } from "../std/clock.ts";
import type { Reader, Tx } from "../store/db.ts";
import { insertVerdict, selectPassing, selectVerdict, selectVerdicts, type VerdictFilter, type VerdictRow } from "./gate-rows.ts";
import { type DefinedGate, gatesHash, toJudgement } from "./verdict.ts";

export interface JudgedTree {
  repository: string;
  tree: string;
  base: string;
  gates: readonly DefinedGate[];
  results: GateResult[];
  landingIds: string[];
}
export const toVerdict = (row: VerdictRow): Verdict => ({ ...toVerdictSummary(row), results: JSON.parse(row.results) as GateResult[] });
const toVerdictSummary = (row: VerdictRow): Omit<Verdict, "results"> => ({
  id: row.id,
  seq: row.seq,
  repository: row.repository,
  tree: row.tree,
  base: row.base,
  gatesHash: row.gates_hash,
  state: row.state as VerdictState,
  passes: row.passes === 1,
  reason: row.reason,
  landingIds: JSON.parse(row.landing_ids) as string[],
  createdAt: iso(row.created_at),
});
/** In the transaction of whoever does something because of it. @returns it, and the event that tells of it. */
export async function recordVerdict(tx: Tx, world: { newId(): string; now: number }, judged: JudgedTree): Promise<{ verdict: Verdict; event: NewEvent }> {
  const { repository, tree, base, gates, results, landingIds } = judged;
  const { state, passes, reason } = toJudgement(gates, results);
  const id = world.newId();
  const row = {
    id,
    repository,
    tree,
    base,
    gates_hash: gatesHash(gates),
    state,
    passes: passes ? 1 : 0,
    reason: reason.slice(0, 2000),
    results: JSON.stringify(results),
  };
  const project = await insertVerdict(tx, { ...row, landing_ids: JSON.stringify(landingIds), created_at: world.now });
  const verdict = toVerdict({ ...row, project, seq: 0, landing_ids: JSON.stringify(landingIds), created_at: world.now });
  return { verdict, event: { type: "gates.judged", data: { projectId: project, verdictId: id, repository, tree, state, passes, landingIds } } };
}
/** One that lets this tree through already, by the same gates against the same base. */
export async function findPassing(db: Reader, of: Pick<JudgedTree, "repository" | "tree" | "base" | "gates">): Promise<Verdict | undefined> {
  const row = await selectPassing(db, { ...of, gates_hash: gatesHash(of.gates) });
  return row && toVerdict(row);
}
/** @throws Refusal `not_found`. */
export async function getVerdict({ db }: { db: Reader }, id: string): Promise<Verdict> {
  const row = await selectVerdict(db, id);
  if (!row) throw new Refusal("not_found", `There is no verdict ${id}. GET /api/v1/verdicts lists them.`);
  return toVerdict(row);
}
export async function listVerdicts({ db }: { db: Reader }, filter: VerdictFilter) {
  const found = await selectVerdicts(db, filter);
  return { ...found, items: found.items.map(toVerdictSummary) };
}
