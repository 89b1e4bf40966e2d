// THE IMPORT LAW: who may import whom, as data. Run by `npm test` and `npm run check`; it refuses an import the law does not allow, and
// an entry of the law that nothing needs any more. Type imports count. Test files are free: they may look into any room.
// A place is a package, or a folder ("room") of the server. What is not listed for a place, it may not import.
import { pathToFileURL } from "node:url";
import { readImports } from "./law/imports.mjs";
import { judge } from "./law/judge.mjs";
import { root } from "./setup.mjs";

const ground = ["server/std", "contract"];
const keeper = [...ground, "server/store", "server/events", "server/connectors", "server/routing"];
const keepers = ["server/agents", "server/access"];

/** @type {import("./law/judge.mjs").Law} */
export const law = {
  may: {
    contract: ["npm:zod"],
    client: ["contract"],
    cli: ["contract", "client", "server"],
    dashboard: ["contract", "client"],
    examples: ["contract", "client"],

    server: ["server/app"],
    "server/app": [
      ...ground,
      "server/store",
      "server/events",
      "server/connectors",
      "server/planning",
      "server/routing",
      ...keepers,
      "server/tasks",
      "server/api",
    ],
    "server/api": [...ground, "server/events", ...keepers, "server/tasks"],
    "server/tasks": [...ground, "server/store", "server/events", "server/planning", "server/routing", "server/connectors", ...keepers],
    "server/agents": keeper,
    "server/access": keeper,
    "server/events": [...ground, "server/store"],
    "server/connectors": ground,
    "server/planning": ground,
    "server/routing": ground,
    "server/store": ground,
    "server/std": [],
  },
  // A room is entered by the file that has its name, unless it says otherwise here.
  doors: {
    "server/connectors": ["connectors.ts", "connector.ts"],
    "server/store": ["db.ts", "sql.ts"],
    "server/api": ["http.ts"],
  },
  // The roof makes the living things: it may open a room at any file.
  roof: ["server/app"],
  // Ground to stand on: every file of it is a door.
  open: ["server/std"],
  // Thinkers: data in, data out. Nothing of Node and no package, but what `may` names.
  pure: ["server/planning", "server/routing", "contract"],
  // Its folders do not know each other: no connector knows another.
  strangers: ["server/connectors"],
  // Not installed by `npm start`, so only tests may need them.
  testsOnly: ["vitest", "fast-check", "playwright-core"],
  // Rooms that are agreed and not built yet. While one is missing, entries that nothing uses are told and not refused.
  planned: [
    "server/app",
    "server/api",
    "server/tasks",
    "server/agents",
    "server/access",
    "server/events",
    "server/planning",
    "server/routing",
    "server/store",
    "examples",
  ],
};

function main() {
  const { violations, stale, refused } = judge(law, readImports(process.argv[2] ?? root));
  for (const violation of violations) process.stderr.write(`${violation.file}:${violation.line}  ${violation.message}\n`);
  for (const entry of stale) process.stderr.write(`scripts/import-law.mjs  stale: ${entry}\n`);
  if (refused) process.stderr.write(`\nThe import law is broken: ${violations.length} import(s) it does not allow, ${stale.length} stale entries.\n`);
  process.exitCode = refused ? 1 : 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
