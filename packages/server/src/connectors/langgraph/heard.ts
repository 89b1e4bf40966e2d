// What the events of a run tell: text and tool calls as they come, how far it is, tokens used, and what went wrong.
import type { Json, Outcome, Progress, Update } from "@baton/contract";
import { isObject, type JsonObject, textOf, thoughtOf, toList, wordOr } from "./message.ts";
import type { StreamedEvent } from "./reach.ts";
import { openTokenCount } from "./token-count.ts";

export interface Heard {
  hear(event: StreamedEvent): void;
  usage(): Outcome["usage"];
  /** What the graph failed with, as far as it said so. */
  error(): string | undefined;
}
export interface Tells {
  onUpdate(update: Update): void;
  onProgress(progress: Progress): void;
}
const MAX_TEXT = 1_000_000;
const MAX_OUTPUT = 200_000;

/** @param known ids of messages that were there before: they are neither told nor counted again. */
export function openHeard(tells: Tells, known: ReadonlySet<string>): Heard {
  const tokens = openTokenCount();
  /** What was told of each message so far, to tell only what is new of it. */
  const told = new Map<string, string>();
  const calls = new Set<string>();
  let error: string | undefined;

  const say = (text: string): void => {
    if (text !== "") tells.onUpdate({ kind: "text", text: text.slice(0, MAX_TEXT) });
  };
  const think = (text: string): void => {
    if (text !== "") tells.onUpdate({ kind: "thought", text: text.slice(0, MAX_TEXT) });
  };
  const count = (): void => {
    const usage = tokens.news();
    if (usage !== undefined) tells.onUpdate({ kind: "usage", ...usage, cost: null });
  };
  const isKnown = ({ id }: JsonObject): boolean => typeof id === "string" && known.has(id);

  function hearPiece(message: JsonObject): void {
    if (message["type"] !== "AIMessageChunk") return hearWhole(message, true);
    if (isKnown(message)) return;
    const id = wordOr(message["id"], "");
    const text = textOf(message["content"]);
    told.set(id, (told.get(id) ?? "") + text);
    think(thoughtOf(message["content"]));
    say(text);
    tokens.addPiece(id, message["usage_metadata"]);
    count();
  }
  /** @param aloud whether its text is told: a node's update repeats what was streamed. */
  function hearWhole(message: JsonObject, aloud: boolean): void {
    if (isKnown(message)) return;
    if (message["type"] === "tool") return hearResult(message);
    if (message["type"] !== "ai" && message["type"] !== "AIMessageChunk") return;
    const id = typeof message["id"] === "string" ? message["id"] : undefined;
    if (aloud) {
      const before = id === undefined ? "" : (told.get(id) ?? "");
      const text = textOf(message["content"]);
      if (text.startsWith(before)) say(text.slice(before.length));
      if (id !== undefined) told.set(id, text);
    }
    for (const call of toList(message["tool_calls"])) hearCall(call);
    tokens.setWhole(id, message["usage_metadata"]);
    count();
  }
  function hearCall(call: JsonObject): void {
    const { id, name, args } = call;
    if (typeof id !== "string" || calls.has(id)) return;
    calls.add(id);
    tells.onUpdate({ kind: "tool", callId: id.slice(0, 500), title: wordOr(name, "tool").slice(0, 4000), status: "running", input: args ?? null });
  }
  function hearResult(message: JsonObject): void {
    const callId = message["tool_call_id"];
    const done = `result:${wordOr(callId, "")}`;
    if (typeof callId !== "string" || calls.has(done)) return;
    calls.add(done);
    const status = message["status"] === "error" ? "failed" : "completed";
    tells.onUpdate({ kind: "tool", callId: callId.slice(0, 500), status, output: textOf(message["content"]).slice(0, MAX_OUTPUT) });
  }
  function hearUpdates(data: Json): void {
    for (const [node, update] of Object.entries(isObject(data) ? data : {})) {
      if (node.startsWith("__")) continue;
      tells.onProgress({ message: `${node} is done`.slice(0, 4000) });
      for (const message of toList(isObject(update) ? update["messages"] : undefined)) hearWhole(message, false);
    }
  }
  const listeners: Record<string, (data: Json) => void> = {
    messages: (data) => {
      const [message] = Array.isArray(data) ? data : [data];
      if (isObject(message)) hearPiece(message);
    },
    "messages/partial": (data) => toList(data).forEach((message) => hearWhole(message, true)),
    "messages/complete": (data) => toList(data).forEach((message) => hearWhole(message, true)),
    updates: hearUpdates,
    custom: (data) => {
      const progress = toProgress(data);
      if (progress !== undefined) tells.onProgress(progress);
    },
    error: (data) => {
      error = toProblem(data);
    },
  };
  return {
    // `updates|subgraph:1`: the same from a graph inside the graph.
    hear: ({ name, data }) => {
      const kind = name.split("|")[0] ?? "";
      if (Object.hasOwn(listeners, kind)) listeners[kind]?.(data);
    },
    usage: tokens.total,
    error: () => error,
  };
}

/** A node that writes {fraction, message} to its stream tells how far it is. */
function toProgress(data: Json): Progress | undefined {
  if (!isObject(data)) return undefined;
  const { fraction, message } = data;
  const progress: Progress = {
    ...(typeof fraction === "number" && fraction >= 0 && fraction <= 1 ? { fraction } : {}),
    ...(typeof message === "string" ? { message: message.slice(0, 4000) } : {}),
  };
  return Object.keys(progress).length > 0 ? progress : undefined;
}

export function toProblem(data: Json): string {
  if (!isObject(data)) return typeof data === "string" ? data : JSON.stringify(data);
  const { error, message } = data;
  const parts = [wordOr(error, ""), wordOr(message, "")].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(": ") : JSON.stringify(data);
}
