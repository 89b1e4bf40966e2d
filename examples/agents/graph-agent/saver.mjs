// What every stage came to, kept in SQLite so that a run can go on where it was cut off: a checkpointer of LangGraph. Its own for SQLite compiles or
// downloads when it is installed; this one stands on what Baton already has.
import { BaseCheckpointSaver, WRITES_IDX_MAP, compareWritesSortKeys, writesSortKey } from "@langchain/langgraph-checkpoint";

/** @typedef {import("@langchain/core/runnables").RunnableConfig} RunnableConfig */
/** @typedef {{ thread: string, ns: string, id: string, parent: string | null, type: string, checkpoint: Uint8Array, metadata_type: string, metadata: Uint8Array }} Row */
export class Saver extends BaseCheckpointSaver {
  /** @param {import("@photostructure/sqlite").DatabaseSyncInstance} db */
  constructor(db) {
    super();
    this.db = db;
  }
  /** @param {RunnableConfig} config */
  async getTuple(config) {
    const { thread, ns, id } = placeOf(config);
    const row = this.db
      .prepare(`select * from checkpoints where thread = ? and ns = ? and (? = '' or id = ?) order by id desc limit 1`)
      .get(thread, ns, id, id);
    return row === undefined ? undefined : this.toTuple(/** @type {Row} */ (row));
  }
  /** @param {RunnableConfig} config @param {import("@langchain/langgraph-checkpoint").CheckpointListOptions} [options] */
  async *list(config, { limit = 1000, before, filter } = {}) {
    // What is not said is not asked for: of every thread, in every namespace.
    const { thread_id: thread = null, checkpoint_ns: ns = null, checkpoint_id: id = null } = config.configurable ?? {};
    const end = before?.configurable?.checkpoint_id ?? null;
    const wanted = ["thread", "ns", "id"].map((column) => `(? is null or ${column} = ?)`).join(" and ");
    const found = this.db.prepare(`select * from checkpoints where ${wanted} and (? is null or id < ?) order by id desc`);
    const rows = found.all(thread, thread, ns, ns, id, id, end, end);
    let left = limit;
    for (const row of rows) {
      const tuple = await this.toTuple(/** @type {Row} */ (row));
      if (filter && !Object.entries(filter).every(([key, value]) => /** @type {Record<string, unknown>} */ (tuple.metadata)[key] === value)) continue;
      if (left-- <= 0) return;
      yield tuple;
    }
  }
  /** @param {RunnableConfig} config @param {import("@langchain/langgraph-checkpoint").Checkpoint} checkpoint @param {import("@langchain/langgraph-checkpoint").CheckpointMetadata} metadata */
  async put(config, checkpoint, metadata) {
    const { thread, ns, id: parent } = placeOf(config);
    demand(thread, "thread_id");
    const [type, body] = await this.serde.dumpsTyped(checkpoint);
    const [metadataType, metadataBody] = await this.serde.dumpsTyped(metadata);
    this.db
      .prepare("insert or replace into checkpoints (thread, ns, id, parent, at, type, checkpoint, metadata_type, metadata) values (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .run(thread, ns, checkpoint.id, parent || null, Date.now(), type, body, metadataType, metadataBody);
    return toConfig(thread, ns, checkpoint.id);
  }
  /** @param {RunnableConfig} config @param {import("@langchain/langgraph-checkpoint").PendingWrite[]} writes @param {string} task */
  async putWrites(config, writes, task, path = "") {
    const { thread, ns, id } = placeOf(config);
    demand(thread, "thread_id");
    demand(id, "checkpoint_id");
    const dumped = await Promise.all(writes.map(async ([channel, value]) => ({ channel, typed: await this.serde.dumpsTyped(value) })));
    for (const [at, { channel, typed }] of dumped.entries()) {
      const idx = WRITES_IDX_MAP[channel] ?? at;
      // What a task wrote stays; only what tells of its end may be told anew.
      this.db
        .prepare(
          `insert or ${idx < 0 ? "replace" : "ignore"} into writes (thread, ns, checkpoint, task, idx, path, channel, type, value) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(thread, ns, id, task, idx, path, channel, typed[0], typed[1]);
    }
  }
  /** @param {string} thread */
  async deleteThread(thread) {
    for (const table of ["writes", "checkpoints"]) this.db.prepare(`delete from ${table} where thread = ?`).run(thread);
  }
  /** @param {Row} row @returns {Promise<import("@langchain/langgraph-checkpoint").CheckpointTuple>} */
  async toTuple({ thread, ns, id, parent, type, checkpoint, metadata_type: metadataType, metadata }) {
    const rows = /** @type {{ task: string, idx: number, path: string, channel: string, type: string, value: Uint8Array }[]} */ (
      this.db.prepare("select * from writes where thread = ? and ns = ? and checkpoint = ?").all(thread, ns, id)
    );
    const ordered = rows.map((row) => ({ row, key: writesSortKey(row.path, row.task, row.idx) })).sort((a, b) => compareWritesSortKeys(a.key, b.key));
    return {
      config: toConfig(thread, ns, id),
      checkpoint: await this.serde.loadsTyped(type, checkpoint),
      metadata: await this.serde.loadsTyped(metadataType, metadata),
      pendingWrites: await Promise.all(
        ordered.map(async ({ row }) => /** @type {[string, string, unknown]} */ ([row.task, row.channel, await this.serde.loadsTyped(row.type, row.value)])),
      ),
      ...(parent === null ? {} : { parentConfig: toConfig(thread, ns, parent) }),
    };
  }
}

/** @param {RunnableConfig} config */
const placeOf = ({ configurable = {} }) => ({
  thread: String(configurable.thread_id ?? ""),
  ns: String(configurable.checkpoint_ns ?? ""),
  id: String(configurable.checkpoint_id ?? ""),
});
/** @param {string} value @param {string} name */
function demand(value, name) {
  if (value === "") throw new Error(`A checkpoint needs its ${name} in config.configurable.`);
}
/** @param {string} thread @param {string} ns @param {string} id */
const toConfig = (thread, ns, id) => ({ configurable: { thread_id: thread, checkpoint_ns: ns, checkpoint_id: id } });
