// `npm test`: installs and builds what is missing, then lint, the import law and every test. Arguments go to vitest.
// In CI a missing Postgres, Redis, tmux or Chromium is a failure; on a laptop it skips the tests that need it, and they say so.
import { carryOut, passes } from "./phase.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";
import { law, lint, vitest } from "./steps.mjs";

const given = process.argv.slice(2);

await carryOut(async () => {
  const began = performance.now();
  requireNode();
  await install({ dev: true });
  await checkTypes();
  await build();
  // Tests run although lint or the law was broken: one run tells all there is to mend.
  const isClean = [await passes(lint), await passes(law)].every(Boolean);
  const exitCode = (await vitest(given)) || (isClean ? 0 : 1);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(exitCode === 0 ? `Everything passed in ${took} s.\n` : `There are failures; they are told above. (${took} s)\n`);
  return exitCode;
});
