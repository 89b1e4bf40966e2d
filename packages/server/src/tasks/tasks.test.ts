import { afterAll, describe, test } from "vitest";
import { createDatabase, postgresUrl } from "../../../../tests/services.ts";
import { freshSchema, sqliteStores } from "./tasks.testkit.ts";
import { testApprovals } from "./approvals.testsuite.ts";
import { testBudgets } from "./budgets.testsuite.ts";
import { testBudgetWaiting } from "./waiting-for-budgets.testsuite.ts";
import { testChecks } from "./checks.testsuite.ts";
import { testHands } from "./hands.testsuite.ts";
import { testHostilePlans } from "./hostile-plans.testsuite.ts";
import { testLiveness } from "./liveness.testsuite.ts";
import { testPatterns } from "./patterns.testsuite.ts";
import { testPlanning } from "./planning.testsuite.ts";
import { testRules } from "./rules.testsuite.ts";
import { testSlots } from "./slots.testsuite.ts";
import { testTakeOver } from "./take-over.testsuite.ts";
import { testTasks } from "./tasks.testsuite.ts";
import { testTools } from "./tools.testsuite.ts";

const directories: { remove(): void }[] = [];
afterAll(() => {
  for (const one of directories) one.remove();
});
const freshFile = async () => {
  const stores = sqliteStores();
  directories.push(stores);
  return stores.open;
};
testTasks("SQLite", freshFile);
testTakeOver("SQLite", freshFile);
testLiveness("SQLite", freshFile);
testApprovals("SQLite", freshFile);
testChecks("SQLite", freshFile);
testHands("SQLite", freshFile);
testPatterns("SQLite", freshFile);
testPlanning("SQLite", freshFile);
testRules("SQLite", freshFile);
testTools("SQLite", freshFile);
testHostilePlans("SQLite", freshFile);
testSlots("SQLite", freshFile);
testBudgets("SQLite", freshFile);
testBudgetWaiting("SQLite", freshFile);

const url = await postgresUrl();
if (url === undefined) describe.skip("tasks on Postgres", () => test("skipped: no Postgres answers here"));
else {
  const database = await createDatabase(url);
  testTasks("Postgres", () => freshSchema(database));
  testTakeOver("Postgres", () => freshSchema(database));
  testLiveness("Postgres", () => freshSchema(database));
  testApprovals("Postgres", () => freshSchema(database));
  testChecks("Postgres", () => freshSchema(database));
  testHands("Postgres", () => freshSchema(database));
  testPatterns("Postgres", () => freshSchema(database));
  testRules("Postgres", () => freshSchema(database));
  testPlanning("Postgres", () => freshSchema(database));
  testTools("Postgres", () => freshSchema(database));
  testHostilePlans("Postgres", () => freshSchema(database));
  testSlots("Postgres", () => freshSchema(database));
  testBudgets("Postgres", () => freshSchema(database));
  testBudgetWaiting("Postgres", () => freshSchema(database));
}
