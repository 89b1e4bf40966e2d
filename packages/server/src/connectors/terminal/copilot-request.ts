// What GitHub Copilot asks for, in the words every kind of agent shares. Pure.
import type { Json, ToolKind } from "@baton/contract";
import { clipJson, fieldsOf } from "../claude-tools.ts";
import type { PermissionRequest } from "../permit.ts";

type Fields = { [key: string]: Json };
const KINDS = new Map<string, ToolKind>([
  ["write", "edit"],
  ["read", "read"],
  ["shell", "execute"],
  ["url", "fetch"],
]);
const TOOLS = new Map<string, ToolKind>([
  ["create", "edit"],
  ["edit", "edit"],
  ["apply_patch", "edit"],
  ["view", "read"],
  ["bash", "execute"],
  ["grep", "search"],
  ["glob", "search"],
  ["web_fetch", "fetch"],
]);
export const kindOfCopilotTool = (name: string): ToolKind => TOOLS.get(name) ?? "other";

export interface CopilotRequest extends PermissionRequest {
  requestId: string;
  callId: string | undefined;
  /** What is to be seen of it in the box in which it asks: one of these, or nothing is known. */
  signs: string[];
}
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const textsOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
/** So much of a command is shown whole. */
const SIGN = 20;

/** @param data of its event `permission.requested`. */
export function toCopilotRequest(data: Fields): CopilotRequest {
  const request = fieldsOf(data["permissionRequest"]);
  // What the box is about: a command may first be asked for by the directories it names.
  const prompt = fieldsOf(data["promptRequest"]);
  const kind = textOf(request["kind"]);
  const command = textOf(request["fullCommandText"]);
  const file = textOf(request["fileName"]) || textOf(request["path"]);
  const outside = prompt["kind"] === "path" ? textsOf(prompt["paths"]) : [];
  const url = textOf(request["url"]);
  const tool = textOf(request["toolName"]);
  const intention = textOf(request["intention"]) || kind;
  const about = command || file || url || tool;
  return {
    requestId: textOf(data["requestId"]),
    callId: textOf(request["toolCallId"]) || undefined,
    toolKind: KINDS.get(kind) ?? "other",
    paths: [...(file === "" ? [] : [file]), ...outside],
    title: (about === "" ? intention : `${intention}: ${about.replaceAll(/\s+/g, " ").trim()}`).slice(0, 500),
    detail: clipJson(request),
    // Out of its sandbox the same command is another one.
    ...(kind === "shell" && command !== "" && request["requestSandboxBypass"] !== true ? { command } : {}),
    ...(tool === "" ? {} : { tool }),
    signs: outside.length > 0 ? outside : [about.slice(0, kind === "shell" ? SIGN : undefined)].filter((sign) => sign !== ""),
  };
}
