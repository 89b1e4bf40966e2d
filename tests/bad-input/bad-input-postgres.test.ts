// Nonsense over HTTP, with Postgres behind it, which takes less than SQLite: no NUL, no half characters, no number beyond its type.
import { describe } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { testBadInput } from "./bad-input.testsuite.ts";

const server = await postgresUrl();
describe.skipIf(server === undefined)("with Postgres", async () => {
  const databaseUrl = server === undefined ? "" : await createDatabase(server);
  testBadInput("Postgres", async () => ({ databaseUrl }), 25);
});
