// `npm test`: installs and builds what is missing, then lint, the import law and every test. Arguments go to vitest.
// In CI a missing Postgres, Redis, tmux or Chromium is a failure; on a laptop it skips the tests that need it, and they say so.
import { carryOut } from "./phase.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";
import { law, lint, vitest } from "./steps.mjs";

const given = process.argv.slice(2);

await carryOut(async () => {
  const began = performance.now();
  requireNode();
  await install({ dev: true });
  await checkTypes();
  await build();
  await lint();
  await law();
  const exitCode = await vitest(given);
  const took = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(exitCode === 0 ? `Everything passed in ${took} s.\n` : `There are failures; they are told above. (${took} s)\n`);
  return exitCode;
});
