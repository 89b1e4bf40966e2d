// Who needs git needs this of the world.
import type { Git } from "../workspaces/git.ts";

export interface GitWorld {
  git: Git;
}
