// `npm run test:agents [-- NAME …]`: installs real coding agents and drives them, against a scripted model, through a real server.
// A run of all of them writes what was seen into docs/agents.md; a run of some prints it.
import { carryOut } from "./phase.mjs";
import { cacheFolder, chooseAgents, installAgents } from "./real-agents/install.mjs";
import { forgetSeen, writeMatrix } from "./real-agents/matrix.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";
import { vitest } from "./steps.mjs";

await carryOut(async () => {
  requireNode();
  const names = chooseAgents(process.argv.slice(2));
  await install({ dev: true });
  await checkTypes();
  await build();
  const missing = await installAgents(names);
  forgetSeen(cacheFolder());
  const installed = names.filter((name) => !missing.includes(name));
  process.env.BATON_TEST_AGENTS = installed.join(",");
  process.env.BATON_AGENTS_CACHE = cacheFolder();
  const exitCode = installed.length === 0 ? 1 : await vitest(["tests/real-agents"]);
  writeMatrix(
    cacheFolder(),
    missing,
    chooseAgents(["all"]).every((name) => names.includes(name)),
  );
  if (missing.length > 0) process.stderr.write(`Not installed, and so not tested: ${missing.join(", ")}.\n`);
  return exitCode || (missing.length > 0 ? 1 : 0);
});
