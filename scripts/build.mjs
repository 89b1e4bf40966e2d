// `npm run build`: installs what is missing, compiles with types checked, builds the dashboard.
import { carryOut } from "./phase.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";

await carryOut(async () => {
  requireNode();
  await install({ dev: true });
  await checkTypes();
  await build();
  return 0;
});
