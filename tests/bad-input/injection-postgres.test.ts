// Injection, with Postgres behind the doors.
import { describe } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { testInjection } from "./injection.testsuite.ts";

const server = await postgresUrl();
describe.skipIf(server === undefined)("with Postgres", () => {
  testInjection("Postgres", async () => ({ databaseUrl: await createDatabase(server as string) }));
});
