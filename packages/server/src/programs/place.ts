// What a program finds around it: an environment of its own, a directory of its own, and nothing of this server's.
import { constants } from "node:fs";
import { access, mkdir, rm, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { Refusal } from "@baton/contract";

/** Where programs are looked for unless an environment says otherwise. */
export const SAFE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Marks every process of an attempt, so that one that leaves its group is found. */
export const ATTEMPT_MARK = "BATON_ATTEMPT_ID";

export interface Place {
  /** HOME of the program, and its working directory unless it has another. */
  directory: string;
  remove(): Promise<void>;
}

/** A directory named `name` inside `parent`, for its owner alone. Made when it is missing. */
export async function createPlace(parent: string, name: string): Promise<Place> {
  const directory = join(parent, encodeURIComponent(name));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return { directory, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }) };
}

/** A clean environment: a safe PATH, HOME, what `environment` says, and the mark by which strays are found. */
export const environmentFor = (environment: Record<string, string>, path: string, home: string, attemptId: string): Record<string, string> => ({
  PATH: path,
  HOME: home,
  ...environment,
  [ATTEMPT_MARK]: attemptId,
});

export interface Wanted {
  /** An absolute path, a name to be looked up, or a path relative to `cwd`. */
  command: string;
  cwd?: string | undefined;
}

/** @throws Refusal `bad_input` at `connector.cwd` or `connector.command` when the directory or the program is not there. */
export async function checkProgram(wanted: Wanted, environment: Record<string, string>, defaultPath: string): Promise<void> {
  const { cwd } = wanted;
  if (cwd !== undefined && !(isAbsolute(cwd) && (await isDirectory(cwd)))) throw bad("cwd", `${JSON.stringify(cwd)} must be the absolute path of a directory.`);
  await findProgram(wanted, environment, defaultPath);
}

/** The absolute path of the program, looked up as a shell would, but without one. @throws Refusal `bad_input` at `connector.command` when it is not there. */
export async function findProgram({ command, cwd }: Wanted, environment: Record<string, string>, defaultPath: string): Promise<string> {
  if (command.includes("/")) {
    if (!isAbsolute(command) && cwd === undefined)
      throw bad("command", `${JSON.stringify(command)} must be absolute or a name on the PATH, unless cwd is set.`);
    const path = resolve(cwd ?? "/", command);
    if (await isProgram(path)) return path;
    throw bad("command", `${JSON.stringify(path)} is not an executable file.`);
  }
  const folders = (environment["PATH"] ?? defaultPath).split(delimiter).filter(isAbsolute);
  for (const folder of folders) if (await isProgram(join(folder, command))) return join(folder, command);
  throw bad("command", `${JSON.stringify(command)} is not an executable file in any of ${folders.join(delimiter)}.`);
}

const bad = (field: string, message: string): Refusal =>
  new Refusal("bad_input", `connector.${field}: ${message}`, { issues: [{ path: `connector.${field}`, message }] });
export const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
const isProgram = (path: string): Promise<boolean> =>
  Promise.all([stat(path), access(path, constants.X_OK)]).then(
    ([found]) => found.isFile(),
    () => false,
  );
