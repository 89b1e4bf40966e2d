import { afterAll } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { testLanding } from "./landing.testsuite.ts";

const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals) remove();
});
testLanding("SQLite", async () => {
  const stores = sqliteStores();
  removals.push(stores.remove);
  return stores.open;
});
const url = await postgresUrl();
if (url !== undefined) {
  const database = await createDatabase(url);
  testLanding("Postgres", () => freshSchema(database));
}
