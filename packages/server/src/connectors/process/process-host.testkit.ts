// What a host that is no test runner needs to run one attempt of the process connector; bundled for it by process.test.ts.
export { openPrograms } from "../../programs/programs.ts";
export { systemClock } from "../../std/clock.ts";
export { openProcessConnector } from "./process.ts";
