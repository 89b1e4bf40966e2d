// What the room needs of the world.
import type { GitWorld } from "../gates/gates.ts";
import type { TasksWorld } from "../tasks/tasks.ts";

export interface LandingsWorld extends TasksWorld, GitWorld {
  /** Where trees are laid out to be judged. Made when it is missing. */
  judgingDirectory: string;
  /** Of this server's environment, what the operator lets others have. */
  readEnv(name: string): string | undefined;
}
export const CHANNEL = "baton_landings";
