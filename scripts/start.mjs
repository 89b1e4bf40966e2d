// `npm start`: what is missing is installed and built, then `baton up` goes on in this process, so that signals and the exit code are its own.
// `npm run demo -- PATH` is the same with `baton demo PATH`.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { carryOut } from "./phase.mjs";
import { build, install, requireNode, root } from "./setup.mjs";

const given = process.argv.slice(2);
const command = given[0] === "demo" ? given : ["up", ...given];

await carryOut(async () => {
  requireNode();
  await install({ dev: false });
  await build();
  const cli = join(root, "packages/cli/dist/main.js");
  process.argv = [process.execPath, cli, ...command];
  await import(pathToFileURL(cli).href);
  return undefined;
});
