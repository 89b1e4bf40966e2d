// The door of the room: secrets by name, written and never read back. Each is sealed under a key of its own, and that under the installation's, so that a
// new installation's key seals small keys anew and no value. Only whoever calls or starts an agent is given a value, at that moment.
import { randomBytes } from "node:crypto";
import { type KeyRotation, type Page, Refusal, type Secret, type SecretInput } from "@baton/contract";
import { type Clock, iso } from "../std/clock.ts";
import type { Keyring } from "../std/keyring.ts";
import type { Log } from "../std/log.ts";
import type { Saw } from "../std/saw.ts";
import { openSeal } from "../std/seal.ts";
import { type Db, tryAgain } from "../store/db.ts";
import type { Scope } from "../store/scope.ts";
import * as rows from "./secret-rows.ts";
import { openVeil, SHARED, type Veil } from "./veil.ts";

export interface Secrets {
  list(scope: Scope, query: { limit: number; offset: number; name?: string | undefined }): Promise<Page<Secret>>;
  /** @throws Refusal `name_taken`, `conflict` when the project has as many as it may. */
  create(input: SecretInput, by: string): Promise<Secret>;
  /** @throws Refusal `not_found` */
  replace(id: string, value: string): Promise<Secret>;
  /** @throws Refusal `not_found` */
  remove(id: string, saw?: Saw<Secret>): Promise<void>;
  /** Whose it is, by id. */
  whose(id: string): Promise<{ project: string } | { shared: true } | undefined>;
  /** Its value as it is now, for an agent of this project (null: one that all share), which is not told of it from then on. Undefined: there is none. */
  read(project: string | null, name: string): Promise<string | undefined>;
  veil: Veil;
  /** Seals everything at rest under the newest key; one is made first where this server keeps them, and those before it go at its next start, when nobody writes what was read under them. May be cut off and done again. */
  rotateKey(): Promise<KeyRotation>;
}
interface SecretsWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  keyring: Keyring;
  log: Log;
}
/** Of one project: what agents say is looked through for each. */
const MOST = 500;
const noSecret = (id: string): Refusal => new Refusal("not_found", `There is no secret ${id}. GET /api/v1/secrets lists ids and names.`);

export function openSecrets({ db, clock, newId, keyring, log }: SecretsWorld): Secrets {
  const veil = openVeil();
  let rotating: Promise<KeyRotation> | undefined;
  function sealed(id: string, version: number, value: string): Pick<rows.SecretRow, "data_key" | "value"> {
    const key = randomBytes(32);
    return { data_key: keyring.seal(key.toString("base64")), value: openSeal(key).seal(value, `${id}:${version}`) };
  }
  const open = ({ id, version, data_key, value }: rows.SecretRow): string =>
    openSeal(Buffer.from(keyring.open(data_key), "base64")).open(value, `${id}:${version}`);
  async function rotate(): Promise<KeyRotation> {
    const made = keyring.renew();
    const resealed = await resealAll({ db, keyring });
    log.info({ keyId: keyring.keyId(), resealed }, "everything sealed at rest is under the newest key");
    return { keyId: keyring.keyId(), made, resealed };
  }
  return {
    veil,
    list: async (scope, query) => {
      const [items, total] = await Promise.all([rows.selectSecrets(db, scope, query), rows.countSecrets(db, scope, query)]);
      return { items: items.map(toSecret), total, limit: query.limit, offset: query.offset };
    },
    create: async ({ name, value, projectId }, by) => {
      const [id, now] = [newId(), clock.now()];
      const row = { id, name, project: projectId ?? SHARED, version: 1, ...sealed(id, 1, value), created_by: by, created_at: now, updated_at: now };
      if ((await rows.countOf(db, row.project)) >= MOST) throw new Refusal("conflict", `There are ${MOST} secrets already; one project has no more.`);
      if (!(await tryAgain(db, () => db.transaction((tx) => rows.insertSecret(tx, row))))) {
        const issue = { path: "body.name", message: "is taken; PUT /api/v1/secrets/{id} gives it another value" };
        throw new Refusal("name_taken", `There is a secret called ${name}.`, { issues: [issue] });
      }
      return toSecret(row);
    },
    replace: async (id, value) => {
      for (;;) {
        const stored = await rows.selectSecret(db, id);
        if (!stored) throw noSecret(id);
        const version = stored.version + 1;
        const row = { ...stored, version, ...sealed(id, version, value), updated_at: clock.now() };
        if (await tryAgain(db, () => db.transaction((tx) => rows.updateSecret(tx, row)))) return toSecret(row);
      }
    },
    remove: async (id, saw) => {
      const removed = await tryAgain(db, () => db.transaction((tx) => rows.deleteSecret(tx, id)));
      if (!removed) throw noSecret(id);
      saw?.(toSecret(removed), undefined);
    },
    whose: async (id) => {
      const row = await rows.selectSecret(db, id);
      return row && (row.project === SHARED ? { shared: true } : { project: row.project });
    },
    read: async (project, name) => {
      const row = await rows.selectNamedSecret(db, project ?? SHARED, name);
      if (!row) return undefined;
      const value = open(row);
      veil.hide(row.project, value);
      return value;
    },
    rotateKey: () => (rotating ??= rotate().finally(() => (rotating = undefined))),
  };
}
/** Before anything sealed is read: what was sealed under older keys of the file is sealed under the newest, and those are let go of. */
export async function settleKeys(world: Pick<SecretsWorld, "db" | "keyring">): Promise<void> {
  if (!world.keyring.hasOlder()) return;
  await resealAll(world);
  world.keyring.retire();
}
const resealAll = ({ db, keyring }: Pick<SecretsWorld, "db" | "keyring">): Promise<number> =>
  rows.resealAll(db, keyring.sealedNow(), (old) => {
    try {
      return keyring.seal(keyring.open(old));
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new Refusal(
        "conflict",
        `Something stored cannot be opened, so not everything is under the newest key. ${problem} BATON_SECRET_KEY_PREVIOUS names older ones.`,
      );
    }
  });
const toSecret = (row: rows.ShownRow): Secret => ({
  id: row.id,
  name: row.name,
  projectId: row.project === SHARED ? null : row.project,
  version: row.version,
  createdBy: row.created_by,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
