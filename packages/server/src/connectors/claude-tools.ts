// What Claude Code's tools do, told in the words every kind of agent shares. Pure.
import type { Json, ToolKind, Update } from "@baton/contract";
import { commandIn } from "./doing.ts";
import type { PermissionRequest } from "./permit.ts";

type Fields = { [key: string]: Json };
export type Diff = NonNullable<Extract<Update, { kind: "tool" }>["diffs"]>[number];

/** A tool that is not here, such as one of a tool server, is `other`. A search on the net is no search in files: it is `fetch`. */
const KINDS = new Map<string, ToolKind>([
  ...names("read", "Read NotebookRead LS BashOutput TaskOutput"),
  ...names("edit", "Edit MultiEdit Write NotebookEdit"),
  ...names("search", "Glob Grep ToolSearch"),
  ...names("execute", "Bash KillShell KillBash TaskStop Monitor REPL PowerShell"),
  ...names("fetch", "WebFetch WebSearch"),
  // What a helper of its own wants to do is asked for one by one.
  ...names("think", "Task Agent TodoWrite TaskCreate TaskUpdate TaskGet TaskList EnterPlanMode"),
]);
function names(kind: ToolKind, list: string): [string, ToolKind][] {
  return list.split(" ").map((name) => [name, kind]);
}
export const kindOfTool = (name: string): ToolKind => KINDS.get(name) ?? "other";

const MAX_TITLE = 500;
const MAX_TEXT = 20_000;
const MAX_DIFF_TEXT = 200_000;
const MAX_DIFFS = 200;

export const fieldsOf = (value: Json | undefined): Fields => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);
export const clip = (text: string, max = MAX_TEXT): string => (text.length <= max ? text : `${text.slice(0, max - 2).toWellFormed()} …`);

/** The files it is about. A search without a path is one in the whole working directory. */
export function pathsOf(name: string, input: Fields): string[] {
  const named = [input["file_path"], input["notebook_path"], input["path"]].filter((path) => typeof path === "string");
  return named.length === 0 && (name === "Glob" || name === "Grep") ? ["."] : named;
}

export function titleOf(name: string, input: Fields): string {
  const [path] = pathsOf(name, input);
  const told: Record<string, string | undefined> = {
    Bash: textOf(input["command"]),
    Glob: textOf(input["pattern"]),
    Grep: textOf(input["pattern"]),
    WebFetch: textOf(input["url"]),
    WebSearch: textOf(input["query"]),
    Task: textOf(input["description"]),
    Agent: textOf(input["description"]),
    Skill: textOf(input["skill"]) ?? textOf(input["command"]),
    TaskCreate: textOf(input["subject"]),
  };
  const about = (Object.hasOwn(told, name) ? told[name] : path) ?? "";
  const mcp = /^mcp__(.+?)__(.+)$/.exec(name);
  const tool = mcp === null ? name : `${mcp[2]} of ${mcp[1]}`;
  return clip(about === "" ? tool : `${tool}: ${about.replaceAll(/\s+/g, " ").trim()}`, MAX_TITLE);
}

export function toPermissionRequest(name: string, given: Json | undefined, reason: string | undefined): PermissionRequest {
  const input = fieldsOf(given);
  const detail: Json = { tool: name, input: clipJson(input), ...(reason === undefined ? {} : { reason: clip(reason) }) };
  // Out of its sandbox the same command is another one.
  const command = input["dangerouslyDisableSandbox"] === true ? undefined : commandIn(input);
  const toolKind = kindOfTool(name);
  return { toolKind, paths: pathsOf(name, input), title: titleOf(name, input), detail, tool: name, ...(toolKind === "execute" ? { command } : {}) };
}

/** What a call would change, as far as its input tells. */
export function diffsOfInput(name: string, input: Fields): Diff[] {
  const path = textOf(input["file_path"]) ?? textOf(input["notebook_path"]);
  if (path === undefined) return [];
  if (name === "Write") return toDiffs(path, [[null, textOf(input["content"]) ?? ""]]);
  if (name === "NotebookEdit") return toDiffs(path, [[null, textOf(input["new_source"]) ?? ""]]);
  const edits = name === "MultiEdit" && Array.isArray(input["edits"]) ? input["edits"].map(fieldsOf) : name === "Edit" ? [input] : [];
  return toDiffs(
    path,
    edits.map((edit) => [textOf(edit["old_string"]) ?? "", textOf(edit["new_string"]) ?? ""]),
  );
}

/** What a call did change: the lines around it, or a whole new file. */
export function diffsOfResult(result: Fields): Diff[] {
  const path = textOf(result["filePath"]);
  if (path === undefined) return [];
  const hunks = Array.isArray(result["structuredPatch"]) ? result["structuredPatch"].map((hunk) => linesOf(fieldsOf(hunk))) : [];
  if (hunks.length > 0)
    return toDiffs(
      path,
      hunks.map((lines) => [side(lines, "-"), side(lines, "+")]),
    );
  return result["type"] === "create" ? toDiffs(path, [[null, textOf(result["content"]) ?? ""]]) : [];
}
const linesOf = (hunk: Fields): string[] => (Array.isArray(hunk["lines"]) ? hunk["lines"].filter((line) => typeof line === "string") : []);
/** The lines of a hunk that are on one side of it, or on both. */
const side = (lines: string[], sign: "-" | "+"): string =>
  lines
    .filter((line) => line.startsWith(sign) || line.startsWith(" "))
    .map((line) => line.slice(1))
    .join("\n");

const toDiffs = (path: string, changes: [string | null, string][]): Diff[] =>
  changes.slice(0, MAX_DIFFS).map(([oldText, newText]) => ({
    path: clip(path, 4_000),
    oldText: oldText === null ? null : clip(oldText, MAX_DIFF_TEXT),
    newText: clip(newText, MAX_DIFF_TEXT),
  }));

/** The text in a tool's result: a string, or blocks of which some are text. */
export function outputOf(content: Json | undefined): string {
  const parts = Array.isArray(content) ? content.map((block) => textOf(fieldsOf(block)["text"]) ?? "") : [textOf(content) ?? ""];
  return clip(parts.filter((part) => part !== "").join("\n"));
}

/** The same value with its long texts cut: what a file is given in full is in the diffs. */
export function clipJson(value: Json): Json {
  if (typeof value === "string") return clip(value);
  if (Array.isArray(value)) return value.map(clipJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clipJson(item)]));
}
