// The command line for programs that want to run it in their own process.
export { EXIT } from "./exit.ts";
export { runBaton } from "./program.ts";
export { openTerminal, type Stream, type Terminal } from "./terminal.ts";
