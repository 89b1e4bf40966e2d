// Injection, with SQLite behind the doors.
import { testInjection } from "./injection.testsuite.ts";

testInjection("SQLite", async () => ({}));
