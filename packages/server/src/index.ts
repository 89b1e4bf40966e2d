// What other packages may use of the server: start it, hand it tasks from inside the same program, and run programs as it does.
export { type Baton, startBaton, version } from "./app/app.ts";
export { type Config, readConfig } from "./app/config.ts";
export type { World } from "./app/world.ts";
export { findProgram, memoryOf, openPrograms, processesOf, SAFE_PATH } from "./programs/programs.ts";
export { systemClock } from "./std/clock.ts";
export { AgentIndex } from "./routing/agent-index.ts";
export { getTask, submitUnparsed as submitTask } from "./tasks/tasks.ts";
