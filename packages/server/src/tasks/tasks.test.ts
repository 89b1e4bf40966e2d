import { afterAll, describe, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "./tasks.testkit.ts";
import { testTasks } from "./tasks.testsuite.ts";

const directories: { remove(): void }[] = [];
afterAll(() => {
  for (const one of directories) one.remove();
});
testTasks("SQLite", async () => {
  const stores = sqliteStores();
  directories.push(stores);
  return stores.open;
});

const url = await postgresUrl();
if (url === undefined) describe.skip("tasks on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  testTasks("Postgres", () => freshSchema(database));
}
