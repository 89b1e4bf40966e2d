// `npm run fix`: mends what the linter can mend by itself, and formats.
import { carryOut } from "./phase.mjs";
import { install, requireNode } from "./setup.mjs";
import { mend, reformat } from "./steps.mjs";

await carryOut(async () => {
  requireNode();
  await install({ dev: true });
  await mend();
  await reformat();
  return 0;
});
