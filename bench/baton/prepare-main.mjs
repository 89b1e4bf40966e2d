// Makes Baton itself ready to be measured, as `npm start` would: installs what is missing, compiles what is stale.
import { carryOut } from "../../scripts/phase.mjs";
import { build, install } from "../../scripts/setup.mjs";

await carryOut(async () => {
  await install({ dev: true });
  await build();
  return 0;
});
