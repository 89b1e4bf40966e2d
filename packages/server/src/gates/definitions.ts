// Which gates a change has to pass: those of the target's baton.yaml, those of the repository by API, its own. Layers add up; none takes from another.
import { type Gate, type GateSet, Refusal } from "@baton/contract";
import type { EventLog } from "../events/events.ts";
import { type Clock, iso } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import type { Db } from "../store/db.ts";
import { deleteGateSet, type GateSetRow, lockGateSet, selectGateSet, selectGateSets, updateGateSet } from "./gate-rows.ts";
import type { DefinedGate } from "./verdict.ts";

export interface GatesWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
}
/** @param given of the file and of the change itself; those of the repository are looked up. */
export async function definedGates(
  { db }: Pick<GatesWorld, "db">,
  repository: string,
  given: { file: readonly Gate[]; landing: readonly Gate[] },
): Promise<DefinedGate[]> {
  const set = await selectGateSet(db, { repository });
  return [
    ...given.file.map((gate) => ({ origin: "file" as const, gate })),
    ...(set ? (JSON.parse(set.gates) as Gate[]) : []).map((gate) => ({ origin: "repository" as const, gate })),
    ...given.landing.map((gate) => ({ origin: "landing" as const, gate })),
  ];
}
const toGateSet = ({ id, seq, repository, gates, updated_by, updated_at }: GateSetRow): GateSet => ({
  id,
  seq,
  repository,
  gates: JSON.parse(gates) as Gate[],
  updatedBy: updated_by,
  updatedAt: iso(updated_at),
});
/** All of a repository's by API, in place of those it had. @param repository as the landing room names it. */
export async function putGates(world: GatesWorld, repository: string, gates: readonly Gate[], by: string, saw?: Saw<GateSet>): Promise<GateSet> {
  const row = { id: world.newId(), repository, gates: JSON.stringify(gates), updated_by: by, updated_at: world.clock.now() };
  await world.db.transaction(async (tx) => {
    const before = await lockGateSet(tx, row);
    await updateGateSet(tx, row);
    saw?.(before && toGateSet(before), toGateSet({ ...row, seq: before?.seq ?? 0 }));
    await world.events.append(tx, [{ type: "gates.changed", data: { repository, gates: gates.map(({ name }) => name), by } }]);
  });
  world.events.committed();
  const stored = await selectGateSet(world.db, { repository });
  if (!stored) throw new Refusal("not_found", `The gates of ${repository} were removed meanwhile.`);
  return toGateSet(stored);
}
export async function getGates({ db }: Pick<GatesWorld, "db">, id: string): Promise<GateSet> {
  const row = await selectGateSet(db, { id });
  if (!row) throw new Refusal("not_found", `There are no gates ${id}. GET /api/v1/gates lists them.`);
  return toGateSet(row);
}
export async function listGates({ db }: Pick<GatesWorld, "db">, query: { repository?: string | undefined; limit: number; offset: number }) {
  const found = await selectGateSets(db, query);
  return { ...found, items: found.items.map(toGateSet) };
}
/** Those of its baton.yaml stay. */
export async function removeGates(world: GatesWorld, id: string, saw?: Saw<GateSet>): Promise<void> {
  const { repository } = await getGates(world, id);
  await world.db.transaction(async (tx) => {
    const removed = await deleteGateSet(tx, id);
    saw?.(removed && toGateSet(removed), undefined);
    await world.events.append(tx, [{ type: "gates.changed", data: { repository, gates: [] } }]);
  });
  world.events.committed();
}
