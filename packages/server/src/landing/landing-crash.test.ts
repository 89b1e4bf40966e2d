import { afterAll } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { testCrashes } from "./landing-crash.testsuite.ts";

const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals) remove();
});
testCrashes(
  "SQLite",
  async () => {
    const stores = sqliteStores();
    removals.push(stores.remove);
    return stores.open;
  },
  4,
);
const url = await postgresUrl();
if (url !== undefined) {
  const database = await createDatabase(url);
  testCrashes("Postgres", () => freshSchema(database), 2);
}
