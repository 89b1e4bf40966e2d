// How GitHub Copilot in a terminal tells what happens: a file in its HOME to which it adds a line of JSON for every event of a session.
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { parseAgentJson } from "../agent-text.ts";
import type { HookEvent, Hooks } from "./claude-hooks.ts";

const PIECE = 1 << 20;
/** What is longer is left out. */
const MAX_EVENT = 4 << 20;

/** @param folder of the session. What stands there already was told to others. */
export function openCopilotEvents(folder: string): Hooks {
  const file = join(folder, "events.jsonl");
  const size = (): number => (existsSync(file) ? statSync(file).size : 0);
  const listeners = new Set<(event: HookEvent) => void>();
  const news = new Set<() => void>();
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(PIECE);
  let at = size();
  let begun = "";
  function take(text: string): void {
    const lines = (begun + text).split("\n");
    begun = lines.pop() ?? "";
    if (begun.length > MAX_EVENT) begun = "";
    for (const line of lines) {
      const event = line === "" ? undefined : toEvent(line);
      if (event) for (const listener of listeners) listener(event);
    }
  }
  function look(): void {
    if (size() <= at) return;
    const descriptor = openSync(file, "r");
    try {
      for (let read = readSync(descriptor, buffer, 0, PIECE, at); read > 0; read = readSync(descriptor, buffer, 0, PIECE, at)) {
        at += read;
        take(decoder.write(buffer.subarray(0, read)));
      }
    } finally {
      closeSync(descriptor);
    }
    for (const listener of news) listener();
  }
  return { folder, onEvent: (listener) => void listeners.add(listener), onNews: (listener) => void news.add(listener), look, close: () => listeners.clear() };
}
function toEvent(line: string): HookEvent | undefined {
  const parsed = parseAgentJson(line);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  const { type, data } = parsed.value;
  if (typeof type !== "string" || typeof data !== "object" || data === null || Array.isArray(data)) return undefined;
  return { name: type, fields: data, reply: () => undefined };
}
