// Repositories inside of a work tree, submodules too: what is in them no snapshot of the work tree holds.
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** @param from where in the work tree it is looked for them. @returns their paths from its root, sorted. */
export async function nestedRepositories(root: string, from = root): Promise<string[]> {
  const found: string[] = [];
  const look = async (directory: string): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(noneOfFile);
    if (directory !== root && entries.some((entry) => entry.name === ".git")) found.push(relative(root, directory));
    for (const entry of entries) if (entry.isDirectory() && entry.name !== ".git") await look(join(directory, entry.name));
  };
  await look(from);
  return found.sort();
}
function noneOfFile(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === "ENOTDIR") return [];
  throw error;
}
