// What a host that is no test runner needs to hold an agent in a terminal; bundled for it by terminal-kill.test.ts.
export { openPrograms } from "../../programs/programs.ts";
export { newId, systemClock } from "../../std/clock.ts";
export { openTerminalConnector } from "./terminal.ts";
