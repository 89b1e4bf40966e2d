// `npm test`: installs and builds what is missing, then lint, the import law and every test. Arguments go to vitest.
// BATON_TEST_AGENTS=1 adds real coding agents, kept in .cache/agents.
// In CI a missing Postgres, Redis, tmux or Chromium is a failure; on a laptop it skips the tests that need it, and they say so.
import { carryOut, passes } from "./phase.mjs";
import { cacheFolder, chooseAgents, installAgents } from "./real-agents/install.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";
import { law, lint, vitest } from "./steps.mjs";

const given = process.argv.slice(2);

await carryOut(async () => {
  const began = performance.now();
  requireNode();
  await install({ dev: true });
  await checkTypes();
  await build();
  const missing = await installChosen();
  // Tests run although lint or the law was broken: one run tells all there is to mend.
  const isClean = [await passes(lint), await passes(law)].every(Boolean);
  const exitCode = (await vitest(given)) || (isClean && missing.length === 0 ? 0 : 1);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(exitCode === 0 ? `Everything passed in ${took} s.\n` : `There are failures; they are told above. (${took} s)\n`);
  return exitCode;
});

/** Real coding agents are driven too where BATON_TEST_AGENTS names some, or is 1: a few. @returns {Promise<string[]>} those that could not be had */
async function installChosen() {
  const asked = (process.env.BATON_TEST_AGENTS ?? "").split(",").filter((name) => name !== "");
  if (asked.length === 0) return [];
  const names = chooseAgents(asked);
  const missing = await installAgents(names);
  if (missing.length > 0) process.stderr.write(`Not installed, and so not tested: ${missing.join(", ")}. Does the registry answer? \`npm ping\` tells.\n\n`);
  process.env.BATON_TEST_AGENTS = names.filter((name) => !missing.includes(name)).join(",");
  process.env.BATON_AGENTS_CACHE = cacheFolder();
  return missing;
}
