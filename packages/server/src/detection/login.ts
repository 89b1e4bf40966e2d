// Whether a coding agent could log in, told without reading anybody's credentials: by the names of variables that are set, by its own
// status command's exit code (its words are not kept), and by files that are there.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { FoundAgent } from "@baton/contract";
import type { KnownCli } from "./known-clis.ts";

type Login = FoundAgent["login"];
export interface LoginWorld {
  home: string;
  isSet(variable: string): boolean;
  /** The exit code of the program with these arguments; null when it did not say. */
  exitOf(args: readonly string[]): Promise<number | null>;
}

export async function toLogin(world: LoginWorld, { title, login }: KnownCli): Promise<Login> {
  const variables = login.variables.filter(world.isSet);
  const told = (state: Login["state"], why: string): Login => ({ state, why, variables });
  if (login.status !== undefined) {
    const code = await world.exitOf(login.status);
    const words = `its own \`${login.status.join(" ")}\``;
    if (code === 0) return told("ready", `${words} says it is logged in`);
    if (code !== null && variables.length === 0) return told("missing", `${words} says it is not logged in`);
  }
  const file = await firstFile(login.files.map((name) => join(world.home, name)));
  if (file !== undefined) return told("ready", `${file} is there`);
  if (variables.length > 0) return told("ready", `${variables.join(", ")} ${variables.length === 1 ? "is" : "are"} set on the server`);
  return told("unknown", `nothing ${title} logs in with was seen; it may keep it where it cannot be seen`);
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return undefined;
      throw error;
    });
    if (found?.isFile() && found.size > 0) return path;
  }
  return undefined;
}
