// What other packages may use of the server: start it, and hand it tasks from inside the same program.
export { type Baton, startBaton, version } from "./app/app.ts";
export { type Config, readConfig } from "./app/config.ts";
export type { World } from "./app/world.ts";
export { AgentIndex } from "./routing/agent-index.ts";
export { getTask, submitUnparsed as submitTask } from "./tasks/tasks.ts";
