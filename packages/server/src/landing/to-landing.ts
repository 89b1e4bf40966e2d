// Landings as they are told.
import { type Landing, type LandingFailure, type LandingMode, landingStates, type Page, Refusal } from "@baton/contract";
import { iso, isoOrNull } from "../std/clock.ts";
import type { Db } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import { type LandingRow, selectLanding, selectLandings } from "./landing-rows.ts";

const toLanding = (row: LandingRow): Landing => ({
  id: row.id,
  seq: row.seq,
  repository: row.repository,
  source: row.source,
  sourceCommit: row.source_commit,
  target: row.target,
  method: row.method as Landing["method"],
  mode: row.mode === null ? null : (JSON.parse(row.mode) as LandingMode),
  message: row.message,
  gates: JSON.parse(row.gates) as Landing["gates"],
  taskId: row.task_id,
  workspaceId: row.workspace_id,
  returns: JSON.parse(row.returns) as Landing["returns"],
  asked: JSON.parse(row.asked) as Landing["asked"],
  state: row.state as Landing["state"],
  reason: row.reason,
  failure: row.failure === null ? null : (JSON.parse(row.failure) as LandingFailure),
  tries: row.tries,
  verdictId: row.verdict_id,
  commit: row.commit_id,
  tree: row.tree,
  previous: row.previous,
  link: row.link,
  requestedBy: row.requested_by,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  landedAt: isoOrNull(row.landed_at),
});

/** @throws Refusal `not_found`. */
export async function getLanding(world: { db: Db }, id: string): Promise<Landing> {
  const row = await selectLanding(world.db, id);
  if (!row) throw missing(id);
  return toLanding(row);
}
export const missing = (id: string): Refusal => new Refusal("not_found", `There is no landing ${id}. GET /api/v1/landings lists them.`);

export interface LandingQuery {
  limit: number;
  offset: number;
  repository?: string | undefined;
  state?: string | undefined;
  taskId?: string | undefined;
}
export async function listLandings({ db }: { db: Db }, scope: Scope, { limit, offset, state, ...query }: LandingQuery): Promise<Page<Landing>> {
  const found = await selectLandings(db, { ...query, scope, ...(state === undefined ? {} : { states: toStates(state) }) }, limit, offset);
  return { ...found, items: found.items.map(toLanding) };
}
const toStates = (given: string): string[] =>
  given.split(",").flatMap((word) => {
    const state = word.trim().toLowerCase();
    if (state === "open") return ["queued", "judging", "asking", "moving", "returned"];
    if ((landingStates as readonly string[]).includes(state)) return [state];
    const issue = { path: "query.state", message: `${JSON.stringify(word)} is no state`, allowed: [...landingStates, "open"] };
    throw new Refusal("bad_input", `${issue.path}: ${issue.message}; allowed: ${issue.allowed.join(", ")}.`, { issues: [issue] });
  });
