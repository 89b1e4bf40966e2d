// What an agent would do, as far as rules ask: the kind of it, the command, the tool. Pure.
import type { Json, ToolKind } from "@baton/contract";

export interface Doing {
  toolKind: ToolKind;
  /** The command that would be run, whole; undefined: none, or one that its text does not tell all about. */
  command?: string | undefined;
  /** The tool that would be called, by the name the agent has for it. */
  tool?: string | undefined;
}

/** Fields in which agents say where a command is run. */
const PLACES = ["cwd", "workdir", "working_directory", "workingDirectory", "directory", "dir_path"];
/** The command in a tool's input, with where it is run if that is said; a list of words as a shell would want them, so that no two read the same. */
export function commandIn(input: Readonly<Record<string, Json>>): string | undefined {
  const { command } = input;
  const words = Array.isArray(command) && command.length > 0 && command.every((word) => typeof word === "string") ? command.map(quoted).join(" ") : command;
  if (typeof words !== "string" || words.trim() === "") return undefined;
  const place = PLACES.map((name) => input[name]).find((value) => typeof value === "string" && value !== "");
  return typeof place === "string" ? `cd ${quoted(place)} && ${words}` : words;
}
const quoted = (word: string): string => (/^[A-Za-z0-9_./:=@,+%-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
