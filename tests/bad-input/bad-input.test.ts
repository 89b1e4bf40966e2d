// Nonsense over HTTP, with SQLite behind it.
import { testBadInput } from "./bad-input.testsuite.ts";

testBadInput("SQLite", async () => ({}), 100);
