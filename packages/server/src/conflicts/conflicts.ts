// The door of the room: conflicts, which are overlaps between the work trees of one repository that are seen while both are worked on. What becomes of one is
// told in conflict-machine.ts, how they are seen in radar.ts.
export type { ConflictPolicy, ConflictsWorld } from "./conflicts-world.ts";
export { forgetEnded, insertDeclared, lockRepositories } from "./declared-rows.ts";
export { type About, findDeclaring, findObserved, foreseeConflicts, type Sees, sharedOf, toAbout, foreseeOf } from "./foresee.ts";
export { listStanding } from "./standing.ts";
export { openSight, type Sight } from "./sight.ts";
export { openRadar, type Radar } from "./radar.ts";
export { resolveConflict } from "./resolve-conflict.ts";
export { getConflict, listConflicts } from "./to-conflict.ts";
