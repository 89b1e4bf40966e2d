// Baton as a contender: tasks handed in one by one through the server's own door, carried out by an agent that does nothing.
// Nothing is left out: plan, choice of the agent with reasons, attempt, events, and the result are all written.
import { countdown, deferred, inFlight, until } from "../harness/waiting.mjs";
import { importBuilt } from "./built.mjs";
import { noopTask, startBaton } from "./start.mjs";

const IN_FLIGHT = 2000;
export const how = `submitTask() one by one, ${IN_FLIGHT.toLocaleString("en-US")} in flight, one agent, one server`;

export async function openQueue(place) {
  const { submitTask } = await importBuilt();
  const { sql } = await importBuilt("store/sql.js");
  let begun = () => undefined;
  const baton = await startBaton(place, () => begun());
  const { world } = baton;
  const ask = async (statement) => Number((await world.db.all(statement))[0]?.n ?? 0);
  const completed = () => ask(sql`select n from task_counts where status = 'completed'`);
  return {
    recorded: () => ask(sql`select count(*) as n from tasks where status = 'completed'`),
    async carryOut(count) {
      const all = countdown(count);
      begun = all.arrive;
      const before = await completed();
      await inFlight(count, IN_FLIGHT, (number) => submitTask(world, noopTask(number)));
      await all.reached;
      await until(async () => (await completed()) === before + count);
    },
    async createToStart() {
      const start = deferred();
      begun = () => start.resolve(performance.now());
      const from = performance.now();
      await submitTask(world, noopTask(0));
      return (await start.promise) - from;
    },
    close: () => baton.stop(),
  };
}
