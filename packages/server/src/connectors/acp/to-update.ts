// What an agent tells of its work, in the words every kind of agent shares. Pure.
import { type Json, type ToolKind, toolKinds, type Update } from "@baton/contract";
import { commandIn } from "../doing.ts";
import type { PermissionRequest } from "../permit.ts";
import type { SessionUpdate, ToolCall } from "./messages.ts";

type ToolUpdate = Extract<Update, { kind: "tool" }>;
const MAX_TITLE = 500;
const MAX_PATH = 4_000;
const MAX_OUTPUT = 20_000;
const MAX_DIFF_TEXT = 200_000;
const MAX_DIFFS = 200;
const MAX_PLAN = 500;

const STATUSES: Record<string, ToolUpdate["status"]> = { pending: "pending", in_progress: "running", completed: "completed", failed: "failed" };

export const clip = (text: string, max = MAX_OUTPUT): string => (text.length <= max ? text : `${text.slice(0, max - 2).toWellFormed()} …`);
const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
/** A kind that has no name here, such as a change of mode, is `other`: that is what a person is asked about. */
export const toToolKind = (kind: string | null | undefined): ToolKind | undefined =>
  kind === null || kind === undefined ? undefined : (toolKinds.find((known) => known === kind) ?? "other");

/** The text of a piece of what it says; of anything but text its address, where it has one. */
export const textOf = (block: Extract<SessionUpdate, { sessionUpdate: "agent_message_chunk" }>["content"]): string =>
  block.text ?? block.resource?.text ?? (block.uri ? `[${block.name ?? block.uri}](${block.uri})` : "");

export function toToolUpdate(call: ToolCall): ToolUpdate {
  const diffs = diffsOf(call);
  const output = outputOf(call);
  return given({
    kind: "tool" as const,
    callId: call.toolCallId.slice(0, 500),
    title: call.title ? clip(call.title, MAX_TITLE) : undefined,
    toolKind: toToolKind(call.kind),
    status: STATUSES[call.status ?? ""],
    input: call.rawInput === null || call.rawInput === undefined ? undefined : clipJson(call.rawInput),
    output: output === "" ? undefined : output,
    diffs: diffs.length === 0 ? undefined : diffs,
  });
}

export function toPlanUpdate(entries: { content: string; status?: string | null | undefined }[]): Extract<Update, { kind: "plan" }> {
  const status = (said: string | null | undefined): "pending" | "running" | "completed" =>
    said === "completed" ? said : said === "in_progress" ? "running" : "pending";
  return { kind: "plan", entries: entries.slice(0, MAX_PLAN).map((entry) => ({ text: clip(entry.content, MAX_PATH), status: status(entry.status) })) };
}

/** @param known what was told of this call before: a request may name nothing but the call. */
export function toPermissionRequest(call: ToolCall, known: ToolCall | undefined): PermissionRequest {
  const both = [call, ...(known === undefined ? [] : [known])];
  const said = <K extends "kind" | "title" | "rawInput">(field: K): ToolCall[K] =>
    both.map((each) => each[field]).find((value) => value !== null && value !== undefined);
  const diffs = diffsOf(call);
  const input = said("rawInput");
  const command = typeof input === "object" && input !== null && !Array.isArray(input) ? commandIn(input) : undefined;
  return {
    toolKind: toToolKind(said("kind")) ?? "other",
    command,
    // What the request itself says is what is asked for; paths told before may have been relative, and are the same files.
    paths: [...new Set(pathsOf(call).length > 0 ? pathsOf(call) : known === undefined ? [] : pathsOf(known))],
    title: clip(titleOf(said("title") ?? "Use a tool", input), MAX_TITLE),
    detail: given({
      input: clipJson(input ?? null),
      diffs: diffs.length === 0 ? undefined : diffs,
    }),
  };
}

/** A person must see what would be run, and some agents give it another title. */
function titleOf(title: string, input: Json | null | undefined): string {
  const command = typeof input === "object" && input !== null && !Array.isArray(input) ? input["command"] : undefined;
  return typeof command !== "string" || title.includes(command) ? title : `${title}: ${command}`;
}

/** Names of the fields in which agents put a file into a tool's input. */
const PATH_FIELDS = [
  "file_path",
  "filePath",
  "filepath",
  "fileName",
  "path",
  "absolute_path",
  "notebook_path",
  "old_path",
  "new_path",
  "source",
  "destination",
];
function pathsOf(call: ToolCall): string[] {
  const input = typeof call.rawInput === "object" && call.rawInput !== null && !Array.isArray(call.rawInput) ? call.rawInput : {};
  const named = PATH_FIELDS.map((field) => input[field]).filter((path) => typeof path === "string");
  return [...(call.locations ?? []).map(({ path }) => path), ...(call.content ?? []).map(({ path }) => path), ...named].filter(
    (path) => typeof path === "string" && path !== "",
  ) as string[];
}

const diffsOf = (call: ToolCall): NonNullable<ToolUpdate["diffs"]> =>
  (call.content ?? [])
    .filter((part) => part.type === "diff" && typeof part.path === "string" && typeof part.newText === "string")
    .slice(0, MAX_DIFFS)
    .map((part) => ({
      path: clip(part.path ?? "", MAX_PATH),
      oldText: part.oldText === null || part.oldText === undefined ? null : clip(part.oldText, MAX_DIFF_TEXT),
      newText: clip(part.newText ?? "", MAX_DIFF_TEXT),
    }));

function outputOf(call: ToolCall): string {
  const told = (call.content ?? []).map((part) => (part.type === "content" && part.content ? textOf(part.content) : "")).filter((part) => part !== "");
  if (told.length > 0) return clip(told.join("\n"));
  const { rawOutput } = call;
  if (rawOutput === null || rawOutput === undefined) return "";
  return clip(typeof rawOutput === "string" ? rawOutput : JSON.stringify(rawOutput));
}

/** The same value with its long texts cut: what a file is given in full is in the diffs. */
export function clipJson(value: Json): Json {
  if (typeof value === "string") return clip(value);
  if (Array.isArray(value)) return value.slice(0, 1_000).map(clipJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 1_000)
      .map(([key, item]) => [key, clipJson(item)]),
  );
}
