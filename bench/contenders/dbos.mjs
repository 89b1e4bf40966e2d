// DBOS: a workflow of no steps, started directly; its status row is written when it starts and when it ends.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { Client } from "pg";
import { inFlight } from "../harness/waiting.mjs";

export const settings = "5.3.0: startWorkflow() directly, 200 in flight, systemDatabasePoolSize 20";

export async function open({ url }) {
  let begun = () => undefined;
  const noop = DBOS.registerWorkflow(async () => begun(), { name: "noop" });
  const say = (level) => (message) => level === "error" && console.error(message);
  const logger = { info: say("info"), debug: say("debug"), warn: say("warn"), error: say("error") };
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, systemDatabasePoolSize: 20, logger });
  await DBOS.launch();
  const reader = new Client({ connectionString: url });
  await reader.connect();
  const carryOutOne = async (number) => (await DBOS.startWorkflow(noop)(number)).getResult();
  return {
    recorded: async () => Number((await reader.query("select count(*) from dbos.workflow_status where status = 'SUCCESS'")).rows[0].count),
    async carryOut(count) {
      begun = () => undefined;
      await inFlight(count, 200, carryOutOne);
    },
    async createToStart() {
      let start = 0;
      begun = () => (start = performance.now());
      const from = performance.now();
      await carryOutOne(0);
      return start - from;
    },
    async close() {
      await DBOS.shutdown();
      await reader.end();
    },
  };
}
