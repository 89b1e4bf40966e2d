// `npm run dev`: compiles on every change, restarts the server when what it runs changed, and serves the dashboard with hot reload.
// Arguments go to `baton up`. Ctrl-C ends all three; when one ends, so do the others.
import { spawn } from "node:child_process";
import { carryOut } from "./phase.mjs";
import { build, install, requireNode, root } from "./setup.mjs";

const given = process.argv.slice(2);
const port = given.includes("--port") ? given[given.indexOf("--port") + 1] : "8000";
// The dashboard's development server hands on what is not its own.
const env = { ...process.env, BATON_URL: `http://127.0.0.1:${port}` };
const programs = [
  ["node_modules/typescript/bin/tsc", "--build", "--watch", "--preserveWatchOutput"],
  ["--watch", "--watch-preserve-output", "packages/cli/dist/main.js", "up", ...given],
  ["node_modules/vite/bin/vite.js", "packages/dashboard", "--clearScreen", "false", "--logLevel", "info"],
];

/** @returns {Promise<number>} the exit code of the first that ends */
function runTogether() {
  const children = programs.map((args) => spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] }));
  const endAll = () => children.forEach((child) => child.kill("SIGTERM"));
  process.on("SIGTERM", endAll);
  // Ctrl-C reaches the whole group: the children end by themselves, and this process waits for them.
  process.on("SIGINT", () => undefined);
  return new Promise((resolve) => {
    for (const child of children) {
      child.on("exit", (code) => {
        endAll();
        resolve(code ?? 0);
      });
    }
  });
}

await carryOut(async () => {
  requireNode();
  await install({ dev: true });
  await build();
  return runTogether();
});
