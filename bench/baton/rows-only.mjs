// Baton's store without Baton: the rows and statements of a no-op task, 500 tasks a transaction, as the turn would write them. Nothing is validated,
// planned, chosen, handed out or answered: what is left between this and Baton is Baton's own work, between this and the bare limit what it keeps.
import { join } from "node:path";
import { sortedId } from "../harness/sorted-id.mjs";
import { batches, inFlight } from "../harness/waiting.mjs";
import { importBuilt } from "./built.mjs";

const TEXT = "Do nothing, and say so.";
const WORKER = sortedId();
const AGENT = sortedId();
const ROUTE = '[["noop"],null]';
const DONE = '{"done":true}';
const ASSIGNMENT = `{"agentId":"${AGENT}","agentName":"noop","score":1,"proficiencySum":1,"completed":0,"failed":0,"active":0,"places":100000,"considered":1,"requirements":["noop"],"named":false,"estimateMs":null,"at":1795655446913,"alternatives":[]}`;
const STARTED = { agentName: "noop", number: 1, score: 1, reason: "The only one that could take it now." };
const SUBMITTED = { title: TEXT, priority: "normal", steps: 1, pattern: "single" };
export const how = "Baton's schema and its statements on 500 tasks a transaction, nothing else of Baton";

export async function openRows({ url, directory }) {
  const [{ migrate }, { sql }] = await Promise.all([importBuilt("store/migrate.js"), importBuilt("store/sql.js")]);
  const [tasks, steps, attempts, events] = await Promise.all(
    ["tasks/task-rows.js", "tasks/step-rows.js", "tasks/attempt-rows.js", "events/event-rows.js"].map((path) => importBuilt(path)),
  );
  const db = await openStore(url, directory);
  await migrate(db, Date.now());
  const append = (tx, now, facts) => Promise.all([events.takeNumbers(tx, facts.length), events.insertEvents(tx, now, facts)]);
  const begin = (all, now) =>
    db.transaction((tx) =>
      Promise.all([
        tasks.insertTasks(
          tx,
          all.map((one) => toTask(one, now)),
        ),
        steps.insertSteps(
          tx,
          all.map((one) => toStep(one, now)),
        ),
        attempts.insertAttempts(
          tx,
          all.map((one) => toAttempt(one, now)),
        ),
        tasks.updateCounts(tx, [{ status: "executing", n: all.length }]),
        append(tx, now, [
          ...all.map(({ id }) => ({ type: "task.submitted", taskId: id, data: SUBMITTED })),
          ...all.map((one) => ({ type: "attempt.started", ...ids(one), data: STARTED })),
        ]),
      ]),
    );
  const end = (all, now) =>
    db.transaction((tx) =>
      Promise.all([
        tasks.lockTasks(
          tx,
          all.map(({ id }) => id),
        ),
        attempts.endAttempts(
          tx,
          WORKER,
          all.map(({ attempt }) => ({ id: attempt, fence: 1, state: "completed", outcome: '{"ok":true}', ended_at: now })),
        ),
        steps.settleSteps(
          tx,
          all.map((one) => toChange(one, now)),
        ),
        tasks.settleTasks(
          tx,
          all.map(({ id }) => ({ id, status: "completed", steps_left: 0, result: DONE, failure: null, completed_at: now })),
        ),
        tasks.updateCounts(tx, [
          { status: "completed", n: all.length },
          { status: "executing", n: -all.length },
        ]),
        append(tx, now, [
          ...all.map((one) => ({ type: "attempt.completed", ...ids(one), data: { durationMs: 1 } })),
          ...all.map(({ id }) => ({ type: "task.completed", taskId: id, data: { durationMs: 1 } })),
        ]),
      ]),
    );
  return {
    recorded: async () => Number((await db.all(sql`select count(*) as n from tasks where status = 'completed'`))[0].n),
    async carryOut(count) {
      const all = [...batches(count, 500)];
      // As many turns at a time as Baton has.
      await inFlight(all.length, db.dialect === "postgres" ? 2 : 1, async (at) => {
        const made = all[at].map(toOne);
        await begin(made, Date.now());
        await end(made, Date.now());
      });
    },
    async createToStart() {
      const made = [toOne(0)];
      const from = performance.now();
      await begin(made, Date.now());
      const start = performance.now();
      await end(made, Date.now());
      return start - from;
    },
    close: () => db.close(),
  };
}
async function openStore(url, directory) {
  if (url === undefined) return (await importBuilt("store/sqlite.js")).openSqlite({ file: join(directory, "rows.db"), synchronous: "full" });
  return (await importBuilt("store/postgres.js")).openPostgres({ url, maxConnections: 10 });
}
function toOne(number) {
  const id = sortedId();
  return { id, number, attempt: `${id}.0.1` };
}
const ids = ({ id, attempt }) => ({ taskId: id, stepId: "main", attemptId: attempt, agentId: AGENT });
const toTask = ({ id, number }, now) => ({
  id,
  title: TEXT,
  description: TEXT,
  type: "general",
  priority: 2,
  status: "executing",
  pattern: "single",
  project_id: null,
  session_id: null,
  spec: `{"payload":{"number":${number}},"requirements":["noop"],"planReason":"One step: its requirements are for one agent."}`,
  waiting: null,
  max_running: null,
  steps_total: 1,
  steps_left: 1,
  tasks_needed: 0,
  deadline_at: null,
  idempotency_key: null,
  request_hash: null,
  created_at: now,
  started_at: now,
  review: null,
  approvals_needed: 0,
});
const toStep = ({ id }, now) => ({
  task_id: id,
  step_id: "main",
  position: 0,
  status: "running",
  spec: '{"requirements":["noop"]}',
  needs_left: 0,
  route_key: ROUTE,
  queue_key: now,
  attempt: 1,
  retries_left: 2,
  started_at: now,
});
const toAttempt = ({ id, attempt }, now) => ({
  id: attempt,
  task_id: id,
  step_id: "main",
  number: 1,
  agent_id: AGENT,
  worker: WORKER,
  signal: 0,
  assignment: ASSIGNMENT,
  hold: null,
  started_at: now,
});
const toChange = ({ id }, now) => ({
  task_id: id,
  step_id: "main",
  attempt: 1,
  status: "completed",
  output: DONE,
  artifacts: null,
  reason: null,
  run_at: null,
  route_key: ROUTE,
  queue_key: now,
  retries_left: 2,
  losses: 0,
  completed_at: now,
});
