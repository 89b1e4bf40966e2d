#!/usr/bin/env node
// What `npx baton` finds: the compiled command, or what to do when nothing is compiled yet.
import { existsSync } from "node:fs";

if (existsSync(new URL("../dist/main.js", import.meta.url))) {
  await import("../dist/main.js");
} else {
  process.stderr.write("Baton is not built yet: run `npm start`, or `npm run build`.\n");
  process.exitCode = 1;
}
