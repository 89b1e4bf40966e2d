// What the agent remembers, in one SQLite file: its A2A tasks, what was said in each conversation, and what every stage came to.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Task, TaskState } from "@a2a-js/sdk";
import { DatabaseSync } from "@photostructure/sqlite";
import { Refusal } from "../parts/refusal.mjs";
import { Saver } from "./saver.mjs";

/** @typedef {import("./stages.mjs").Turn} Turn */
/** @typedef {import("@photostructure/sqlite").DatabaseSyncInstance} Database */

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KEPT_DAYS = 7;
const KEPT_TURNS = 6;
const MAX_TURN = 4000;
const tables = `
  create table if not exists tasks (id text primary key, context text not null, ended integer not null, at integer not null, body text not null) strict;
  create table if not exists turns (context text not null, thread text not null, at integer not null, body text not null, primary key (context, thread)) strict;
  create table if not exists checkpoints (thread text not null, ns text not null, id text not null, parent text, at integer not null,
    type text not null, checkpoint blob not null, metadata_type text not null, metadata blob not null, primary key (thread, ns, id)) strict;
  create table if not exists writes (thread text not null, ns text not null, checkpoint text not null, task text not null, idx integer not null,
    path text not null, channel text not null, type text not null, value blob not null, primary key (thread, ns, checkpoint, task, idx)) strict;
  create index if not exists tasks_open on tasks (at) where ended = 0;
`;
const ENDED = [TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED, TaskState.TASK_STATE_REJECTED];

/** @param {string} file @throws Refusal when another agent has it */
export function openMemory(file) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = lockFile(file);
  const db = new DatabaseSync(file);
  db.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${tables}`);
  const forgetOld = () => forget(db, Date.now() - KEPT_DAYS * DAY_MS);
  forgetOld();
  const timer = setInterval(forgetOld, HOUR_MS).unref();
  const close = () => {
    clearInterval(timer);
    db.close();
    lock.close();
  };
  return { tasks: openTasks(db), turns: openTurns(db), saver: new Saver(db), close };
}
/** @typedef {ReturnType<typeof openMemory>} Memory */

/** The lock belongs to the process and goes with it, however it ends. @param {string} file */
function lockFile(file) {
  const lock = new DatabaseSync(file === ":memory:" ? file : `${file}.lock`);
  try {
    lock.exec("pragma busy_timeout = 0; begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && error.message.includes("locked"))) throw error;
    throw new Refusal("in_use", `Another agent has ${file}; give this one a --data-dir of its own.`);
  }
}

/** @param {Database} db @param {number} before */
function forget(db, before) {
  db.prepare("delete from writes where thread in (select thread from checkpoints group by thread having max(at) < ?)").run(before);
  db.prepare("delete from checkpoints where thread in (select thread from checkpoints group by thread having max(at) < ?)").run(before);
  for (const table of ["tasks", "turns"]) db.prepare(`delete from ${table} where at < ?`).run(before);
}

/** @param {Database} db */
function openTasks(db) {
  const toTask = (/** @type {unknown} */ row) => Task.fromJSON(JSON.parse(String(/** @type {{ body: string }} */ (row).body)));
  return {
    save: async (/** @type {Task} */ task) => {
      const ended = ENDED.includes(task.status?.state ?? TaskState.TASK_STATE_UNSPECIFIED) ? 1 : 0;
      db.prepare("insert or replace into tasks (id, context, ended, at, body) values (?, ?, ?, ?, ?)").run(
        task.id,
        task.contextId,
        ended,
        Date.now(),
        JSON.stringify(Task.toJSON(task)),
      );
    },
    load: async (/** @type {string} */ id) => {
      const row = db.prepare("select body from tasks where id = ?").get(id);
      return row === undefined ? undefined : toTask(row);
    },
    list: async (/** @type {import("@a2a-js/sdk").ListTasksRequest} */ { contextId, status, pageSize = 50, pageToken }) => {
      const from = Number(pageToken || 0);
      const rows = db.prepare("select body from tasks where ? = '' or context = ? order by at desc").all(contextId, contextId);
      const found = rows.map(toTask).filter((task) => !status || task.status?.state === status);
      return {
        tasks: found.slice(from, from + pageSize),
        nextPageToken: found.length > from + pageSize ? String(from + pageSize) : "",
        pageSize,
        totalSize: found.length,
      };
    },
    /** Those that nobody works on after a start. */
    unfinished: () => db.prepare("select body from tasks where ended = 0 order by at").all().map(toTask),
  };
}

/** What was asked and answered in a conversation. @param {Database} db */
function openTurns(db) {
  return {
    /** @param {string} context @returns {Turn[]} oldest first */
    of: (context) => {
      const rows = db.prepare("select body from turns where context = ? order by at desc limit ?").all(context, KEPT_TURNS);
      return rows.map((row) => JSON.parse(String(/** @type {{ body: string }} */ (row).body))).reverse();
    },
    /** @param {string} context @param {string} thread @param {Turn} turn */
    add: (context, thread, { request, answer }) => {
      const body = JSON.stringify({ request: request.slice(0, MAX_TURN), answer: answer.slice(0, MAX_TURN) });
      db.prepare("insert or replace into turns (context, thread, at, body) values (?, ?, ?, ?)").run(context, thread, Date.now(), body);
    },
  };
}
