// What a command finds around it: an environment of its own, a directory of its own, and nothing of this server's.
import { constants } from "node:fs";
import { access, mkdir, rm, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { type ProcessConnector, Refusal } from "@baton/contract";
import type { ConnectorAgent } from "../connector.ts";

/** Where commands are looked for unless the agent's environment says otherwise. */
export const SAFE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Marks every process of an attempt, so that one that leaves its group is found. */
export const ATTEMPT_MARK = "BATON_ATTEMPT_ID";

export interface Place {
  /** The attempt's own directory: HOME, and the working directory unless the agent has one. */
  directory: string;
  remove(): Promise<void>;
}

export async function createPlace(attemptsDirectory: string, attemptId: string): Promise<Place> {
  const directory = join(attemptsDirectory, encodeURIComponent(attemptId));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return { directory, remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }) };
}

export const environmentFor = (agent: ConnectorAgent, path: string, home: string, attemptId: string): Record<string, string> => ({
  PATH: path,
  HOME: home,
  ...agent.environment,
  [ATTEMPT_MARK]: attemptId,
});

/** @throws Refusal `bad_input` when the directory or the command is not there. */
export async function checkCommand(connector: ProcessConnector, agent: ConnectorAgent, defaultPath: string): Promise<void> {
  const { cwd } = connector;
  if (cwd !== undefined && !(isAbsolute(cwd) && (await isDirectory(cwd)))) throw bad("cwd", `${JSON.stringify(cwd)} must be the absolute path of a directory.`);
  await findCommand(connector, agent, defaultPath);
}

/** The absolute path of the command, looked up as a shell would, but without one. @throws Refusal `bad_input` when it is not there. */
export async function findCommand(connector: ProcessConnector, agent: ConnectorAgent, defaultPath: string): Promise<string> {
  const { command, cwd } = connector;
  if (command.includes("/")) {
    if (!isAbsolute(command) && cwd === undefined)
      throw bad("command", `${JSON.stringify(command)} must be absolute or a name on the PATH, unless cwd is set.`);
    const path = resolve(cwd ?? "/", command);
    if (await isProgram(path)) return path;
    throw bad("command", `${JSON.stringify(path)} is not an executable file.`);
  }
  const folders = (agent.environment["PATH"] ?? defaultPath).split(delimiter).filter(isAbsolute);
  for (const folder of folders) if (await isProgram(join(folder, command))) return join(folder, command);
  throw bad("command", `${JSON.stringify(command)} is not an executable file in any of ${folders.join(delimiter)}.`);
}

const bad = (field: string, message: string): Refusal =>
  new Refusal("bad_input", `connector.${field}: ${message}`, { issues: [{ path: `connector.${field}`, message }] });
const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
const isProgram = (path: string): Promise<boolean> =>
  Promise.all([stat(path), access(path, constants.X_OK)]).then(
    ([found]) => found.isFile(),
    () => false,
  );
