// Where an agent that works on files works, and what lies inside of it.
import { readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { Work } from "@baton/contract";
import { isDirectory } from "../programs/programs.ts";

/** The workspace it is to be done in; else the agent's own `cwd`; else the task's repository, when that is a directory here; else `fallback`, such as the attempt's own place. */
export async function workingDirectory(cwd: string | undefined, work: Work, fallback: string): Promise<string> {
  if (work.workspace !== undefined) return work.workspace.path;
  if (cwd !== undefined) return cwd;
  const { repository } = work.context.task;
  return repository !== null && isAbsolute(repository) && (await isDirectory(repository)) ? repository : fallback;
}

/** Whether `path`, links followed as far as they exist, is `root` or lies in it. Relative paths are taken from `root`. */
export async function isInside(root: string, path: string): Promise<boolean> {
  const [base, targets] = await Promise.all([realpathOfExisting(root), realPaths(root, path)]);
  return targets.every((target) => contains(base, target));
}
/** Of two paths without links. */
export function contains(base: string, path: string): boolean {
  const way = relative(base, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
/**
 * Where `path` leads, links followed as far as they exist: one place, or two where `..` stands behind a link, which some programs take for the
 * directory in which the link is and the system takes for the one above where it leads.
 */
export async function realPaths(root: string, path: string): Promise<string[]> {
  const written = isAbsolute(path) ? path : `${root}/${path}`;
  return [...new Set(await Promise.all([realpathOfExisting(resolve(root, path)), realpathOfExisting(written)]))];
}

/** The real path of the nearest ancestor that exists, with the rest put behind it. */
export async function realpathOfExisting(path: string): Promise<string> {
  const real = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (real !== undefined) return real;
  // A link to what is not there yet: writing to it makes a file where it points.
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return realpathOfExisting(resolve(await realpathOfExisting(dirname(path)), target));
  const parent = dirname(path);
  return parent === path ? path : resolve(await realpathOfExisting(parent), relative(parent, path));
}
