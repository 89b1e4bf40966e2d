// THE IMPORT LAW: who may import whom, as data. Run by `npm test` and `npm run check`; it refuses an import the law does not allow, and
// an entry of the law that nothing needs any more. Type imports count. Test files are free: they may look into any room.
// A place is a package, or a folder ("room") of the server. What is not listed for a place, it may not import.
import { pathToFileURL } from "node:url";
import { readImports } from "./law/imports.mjs";
import { judge } from "./law/judge.mjs";
import { root } from "./setup.mjs";

const ground = ["server/std", "contract"];
const keepers = ["server/agents", "server/access", "server/secrets"];

/** @type {import("./law/judge.mjs").Law} */
export const law = {
  may: {
    contract: ["npm:zod"],
    client: ["contract"],
    cli: ["contract", "client", "server", "examples"],
    dashboard: ["contract", "client"],
    examples: ["client"],

    // Its index.ts: what other packages may use of it; and the process, which tells refusals from bugs.
    server: ["contract", "server/app", "server/programs", "server/routing", "server/std", "server/tasks"],
    "server/app": [
      ...ground,
      "server/store",
      "server/events",
      "server/connectors",
      "server/detection",
      "server/programs",
      ...keepers,
      "server/approvals",
      "server/budgets",
      "server/conflicts",
      "server/gates",
      "server/landing",
      "server/messages",
      "server/notices",
      "server/couriers",
      "server/schedules",
      "server/sessions",
      "server/tasks",
      "server/workspaces",
      "server/api",
    ],
    "server/api": [
      "contract",
      ...keepers,
      "server/approvals",
      "server/budgets",
      "server/conflicts",
      "server/gates",
      "server/landing",
      "server/messages",
      "server/notices",
      "server/schedules",
      "server/sessions",
      "server/tasks",
      "server/workspaces",
    ],
    "server/messages": [...ground, "server/store", "server/events", "server/agents"],
    // Gates judge a tree of a repository by programs and rules; landing is the one room that moves a branch, and only by what they said.
    "server/gates": [...ground, "server/store", "server/events", "server/programs", "server/workspaces"],
    "server/landing": [...ground, "server/store", "server/events", "server/approvals", "server/gates", "server/tasks", "server/workspaces"],
    // Looks into work trees and moves nothing; both agents may be told.
    "server/conflicts": [...ground, "server/store", "server/messages", "server/workspaces"],
    // Between the two: an agent is brought a message as a task.
    "server/couriers": ["contract", "server/agents", "server/messages", "server/tasks"],
    "server/schedules": [...ground, "server/store", "server/events", "server/tasks"],
    "server/tasks": [
      ...ground,
      "server/store",
      "server/events",
      "server/planning",
      "server/routing",
      "server/connectors",
      "server/programs",
      "server/agents",
      "server/approvals",
      "server/budgets",
      // Tasks that are about the same files wait for each other.
      "server/conflicts",
      // A step's check is run in the way of a gate that is a program.
      "server/gates",
      "server/sessions",
      "server/workspaces",
    ],
    // Of an agent: raising its budget gives it work again.
    "server/budgets": [...ground, "server/store", "server/events", "server/agents"],
    "server/notices": [...ground, "server/store", "server/access"],
    "server/approvals": [...ground, "server/store", "server/events"],
    "server/sessions": [...ground, "server/store", "server/events"],
    "server/agents": [...ground, "server/store", "server/events", "server/connectors", "server/routing"],
    "server/access": [...ground, "server/store"],
    "server/secrets": [...ground, "server/store"],
    "server/events": [...ground, "server/store"],
    "server/connectors": [...ground, "server/programs"],
    // Runs what it finds to hear its version; registers nobody.
    "server/detection": [...ground, "server/programs"],
    // Runs git.
    "server/workspaces": [...ground, "server/store", "server/events", "server/programs"],
    "server/programs": ground,
    // A plan names capabilities in the way routing compares them.
    "server/planning": ["contract", "server/routing"],
    "server/routing": ground,
    "server/store": ["contract"],
    // Any project's, but for the refusal it says no with.
    "server/std": ["contract"],
  },
  // A room is entered by the file that has its name, unless it says otherwise here.
  doors: {
    "server/agents": [
      "agents.ts",
      "agent-life.ts",
      "catalogue.ts",
      "create-agent.ts",
      "discover-agent.ts",
      "from-catalogue.ts",
      "from-template.ts",
      "list-tools.ts",
      "templates.ts",
    ],
    "server/connectors": ["connectors.ts", "connector.ts"],
    "server/messages": ["messages.ts", "a2a-envelope.ts"],
    "server/planning": ["plan.ts", "pattern.ts", "patterns.ts", "ask.ts", "expand-template.ts"],
    "server/routing": ["agent-index.ts", "assignment.ts", "capability.ts", "capability-words.ts", "found-tools.ts", "route-key.ts", "score.ts"],
    "server/store": ["db.ts", "scope.ts", "sql.ts"],
    "server/programs": ["programs.ts", "run-command.ts"],
    "server/workspaces": ["git.ts", "workspaces.ts"],
  },
  // The roof makes the living things and says what leaves the house: it may open a room at any file.
  roof: ["server/app", "server"],
  // Ground to stand on: every file of it is a door.
  open: ["server/std"],
  // Thinkers: data in, data out. Nothing of Node and no package, but what `may` names.
  pure: ["server/planning", "server/routing", "contract"],
  // Its folders do not know each other: no connector knows another.
  strangers: ["server/connectors"],
  // Not installed by `npm start`, so only tests may need them.
  testsOnly: ["vitest", "fast-check", "playwright-core"],
  // A module of the installation, named in its settings: code of whoever runs the server, which nobody here can judge.
  loaders: ["packages/server/src/messages/own-stages.ts"],
  // Rooms that are agreed and not built yet. While one is missing, entries that nothing uses are told and not refused.
  planned: [],
};

function main() {
  const { violations, stale, refused } = judge(law, readImports(process.argv[2] ?? root));
  for (const violation of violations) process.stderr.write(`${violation.file}:${violation.line}  ${violation.message}\n`);
  for (const entry of stale) process.stderr.write(`scripts/import-law.mjs  stale: ${entry}\n`);
  if (refused) process.stderr.write(`\nThe import law is broken: ${violations.length} import(s) it does not allow, ${stale.length} stale entries.\n`);
  process.exitCode = refused ? 1 : 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main();
