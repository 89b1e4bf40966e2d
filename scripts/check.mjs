// `npm run check`: everything that CI refuses, in the order in which it is quickest to hear of it.
import { carryOut } from "./phase.mjs";
import { build, checkTypes, install, requireNode } from "./setup.mjs";
import { deadCode, format, law, lint, vitest } from "./steps.mjs";

await carryOut(async () => {
  requireNode();
  await install({ dev: true });
  await format();
  await law();
  await checkTypes();
  await lint();
  await deadCode();
  await build();
  return vitest([]);
});
