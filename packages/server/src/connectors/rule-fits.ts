// Whether a rule about kinds of tools and paths fits a request. Paths are judged by where they lead: an `allow` must hold for that, whatever
// links and `..` stand in them; a `deny` holds also for how they are written. Not guaranteed: that a link is not changed between the answer and the deed.
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { OfferedRule, PermissionRule, ToolKind } from "@baton/contract";
import picomatch from "picomatch";
import { contains, realPaths, realpathOfExisting } from "./working-directory.ts";

export interface Target {
  cwd: string;
  realCwd: string;
  paths: { written: string; real: string[] }[];
  /** Every path leads into the working directory. */
  isInside: boolean;
}
export async function toTargets(cwd: string, given: readonly string[]): Promise<Target> {
  const [realCwd, paths] = await Promise.all([
    realpathOfExisting(cwd),
    Promise.all(given.map(async (path) => ({ written: resolve(cwd, path), real: await realPaths(cwd, path) }))),
  ]);
  return { cwd, realCwd, paths, isInside: paths.every(({ real }) => real.every((path) => contains(realCwd, path))) };
}

export async function fits({ kinds, paths: globs, answer }: PermissionRule, toolKind: ToolKind, { cwd, realCwd, paths }: Target): Promise<boolean> {
  if (kinds && !kinds.includes(toolKind)) return false;
  if (!globs) return true;
  if (paths.length === 0) return false;
  const matchers = await Promise.all(globs.map(async (glob) => picomatch(await realGlob(glob, realCwd), { dot: true })));
  const leadsThere = (path: string): boolean => matchers.some((matches) => matches(path));
  if (answer === "allow") return paths.every(({ real }) => real.every(leadsThere));
  const asWritten = globs.map((glob) => picomatch(isAbsolute(glob) ? glob : within(cwd, glob), { dot: true }));
  return paths.some(({ written, real }) => real.some(leadsThere) || asWritten.some((matches) => matches(written)));
}
/** The glob with the links of its fixed beginning followed. */
async function realGlob(glob: string, realCwd: string): Promise<string> {
  if (!isAbsolute(glob)) return within(realCwd, glob);
  const { base, glob: rest } = picomatch.scan(glob);
  const real = await realpathOfExisting(base.replace(/\\(.)/g, "$1"));
  return rest === "" ? escapeGlob(real) : within(real, rest);
}
const within = (directory: string, glob: string): string => `${directory === "/" ? "" : escapeGlob(directory)}/${glob.replace(/^\.\//, "")}`;
const escapeGlob = (path: string): string => path.replace(/[\\*?[\]{}()!+@]/g, "\\$&");

const MAX_GLOB = 1000;
/** The narrowest rule over whole directories that would allow all of it: what a person may say once and for all. Undefined where that would be everything. */
export function offerOf(toolKind: ToolKind, { realCwd, paths }: Target): OfferedRule | undefined {
  if (paths.length === 0) return { kinds: [toolKind] };
  const directories = paths.flatMap(({ real }) => real.map((path) => (path === realCwd ? path : dirname(path))));
  const common = directories.reduce((found, path) => nearestCommon(found, path));
  if (common === "/") return undefined;
  const way = contains(realCwd, common) ? relative(realCwd, common) : common;
  const glob = way === "" ? "**" : `${escapeGlob(way)}/**`;
  return glob.length > MAX_GLOB ? undefined : { kinds: [toolKind], paths: [glob] };
}
function nearestCommon(found: string, path: string): string {
  let at = found;
  while (!contains(at, path)) at = dirname(at);
  return at;
}
