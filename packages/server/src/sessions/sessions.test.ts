import { afterAll, describe, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "../tasks/tasks.testkit.ts";
import { testSessions } from "./sessions.testsuite.ts";
import { testSpoken } from "./spoken.testsuite.ts";

const directories: { remove(): void }[] = [];
afterAll(() => {
  for (const one of directories) one.remove();
});
const freshFile = async () => {
  const stores = sqliteStores();
  directories.push(stores);
  return stores.open;
};
testSessions("SQLite", freshFile);
testSpoken("SQLite", freshFile);

const url = await postgresUrl();
if (url === undefined) describe.skip("sessions on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  testSessions("Postgres", () => freshSchema(database));
  testSpoken("Postgres", () => freshSchema(database));
}
