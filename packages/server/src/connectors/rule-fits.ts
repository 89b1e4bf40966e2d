// Whether a rule about kinds of tools and paths fits a request. Paths are judged by where they lead: an `allow` must hold for that, whatever
// links and `..` stand in them; a `deny` holds also for how they are written. Not guaranteed: that a link is not changed between the answer and the deed.
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { fitsCommands, type OfferedRule, type PermissionRule } from "@baton/contract";
import picomatch from "picomatch";
import { TookTooLong, within as withinTime } from "../std/time-bound.ts";
import type { Doing } from "./doing.ts";
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

export async function fits(rule: PermissionRule, doing: Doing, { cwd, realCwd, paths }: Target): Promise<boolean> {
  const { kinds, paths: globs, answer, tools, commands } = rule;
  if (kinds && !kinds.includes(doing.toolKind)) return false;
  if (tools && (doing.tool === undefined || !tools.includes(doing.tool))) return false;
  if (commands && (doing.command === undefined || !fitsCommands(commands, doing.command, answer))) return false;
  if (!globs) return true;
  if (paths.length === 0) return false;
  const realGlobs = await Promise.all(globs.map((glob) => realGlob(glob, realCwd)));
  // A rule that cannot be held against these paths in time allows nothing, and denies.
  return judgedInTime(answer !== "allow", () => {
    const matchers = realGlobs.map((glob) => picomatch(glob, { dot: true }));
    const leadsThere = (path: string): boolean => matchers.some((matches) => matches(path));
    if (answer === "allow") return paths.every(({ real }) => real.every(leadsThere));
    const asWritten = globs.map((glob) => picomatch(isAbsolute(glob) ? glob : within(cwd, glob), { dot: true }));
    return paths.some(({ written, real }) => real.some(leadsThere) || asWritten.some((matches) => matches(written)));
  });
}
const MAX_FIT_MS = 250;
function judgedInTime(otherwise: boolean, judge: () => boolean): boolean {
  try {
    return withinTime(MAX_FIT_MS, judge);
  } catch (error) {
    if (error instanceof TookTooLong) return otherwise;
    throw error;
  }
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
const MAX_COMMAND = 4000;
const MAX_TOOL = 500;
/**
 * The narrowest rule that would allow all of it and says what it is about: a command, or whole directories, or a tool. What a person may say once and
 * for all; undefined where that would be everything, or nobody could say what.
 */
export function offerOf({ toolKind, command, tool }: Doing, { realCwd, paths }: Target): OfferedRule | undefined {
  const kinds = [toolKind];
  if (toolKind === "execute") return command === undefined || command.length > MAX_COMMAND ? undefined : { kinds, commands: [{ is: command }] };
  // What an unknown kind of thing does to its files only its tool tells.
  const tools = tool !== undefined && tool.length <= MAX_TOOL && (toolKind === "other" || paths.length === 0) ? { tools: [tool] } : {};
  if (paths.length === 0) return toolKind === "fetch" || !tools.tools ? undefined : { kinds, ...tools };
  const directories = paths.flatMap(({ real }) => real.map((path) => (path === realCwd ? path : dirname(path))));
  const common = directories.reduce((found, path) => nearestCommon(found, path));
  if (common === "/") return undefined;
  const way = contains(realCwd, common) ? relative(realCwd, common) : common;
  const glob = way === "" ? "**" : `${escapeGlob(way)}/**`;
  return glob.length > MAX_GLOB ? undefined : { kinds, paths: [glob], ...tools };
}
function nearestCommon(found: string, path: string): string {
  let at = found;
  while (!contains(at, path)) at = dirname(at);
  return at;
}
