// Tells what Claude Code says and does, in the updates every kind of agent has.
import type { Json } from "@baton/contract";
import type { AttemptContext } from "../connector.ts";
import type { Block, Message, StreamEvent } from "./messages.ts";
import { openPlan } from "./plan.ts";
import type { SpentCounter } from "./spent.ts";
import { clipJson, diffsOfInput, diffsOfResult, fieldsOf, kindOfTool, outputOf, pathsOf, titleOf } from "../claude-tools.ts";

export interface Teller {
  take(message: Message): void;
  /** Files its tools wrote or changed, as it names them. */
  changed(): string[];
  /** Characters of text and thought so far. */
  said(): number;
}

/** @param wasDenied whether a tool's call was refused here. */
export function openTeller({ onUpdate, onProgress }: AttemptContext, spent: SpentCounter, wasDenied: (callId: string) => boolean): Teller {
  const plan = openPlan();
  const calls = new Map<string, { name: string; input: Json | undefined }>();
  /** The message that streams by now, and which kinds of its blocks did: they come once more when they are whole. */
  let streaming: { id: string | undefined; kinds: Set<string> } = { id: undefined, kinds: new Set() };
  const changed = new Set<string>();
  let said = 0;
  const say = (kind: "text" | "thought", text: string | undefined): void => {
    if (text === undefined || text === "") return;
    said += text.length;
    onUpdate({ kind, text });
  };
  const tellSpent = (): void => {
    const { usage, cost } = spent.spent();
    if (usage !== undefined) onUpdate({ kind: "usage", ...usage, cost: cost ?? null });
  };
  const stream = (event: StreamEvent, helper: string | null): void => {
    if (spent.take(event, helper ?? "")) tellSpent();
    // What its helpers say is theirs: it comes back as the result of a tool.
    if (helper !== null) return;
    if (event.type === "message_start") streaming = { id: event.message?.id, kinds: new Set() };
    const { delta } = event;
    if (event.type !== "content_block_delta" || delta === undefined) return;
    if (delta.type === "text_delta") say("text", delta.text);
    if (delta.type === "thinking_delta") say("thought", delta.thinking);
    streaming.kinds.add(delta.type ?? "");
  };
  const begin = ({ id, name = "a tool", input }: Block): void => {
    if (id === undefined) return;
    const fields = fieldsOf(input);
    calls.set(id, { name, input });
    const title = titleOf(name, fields);
    const diffs = diffsOfInput(name, fields);
    onUpdate({
      kind: "tool",
      callId: id,
      title,
      toolKind: kindOfTool(name),
      status: "running",
      input: clipJson(fields),
      ...(diffs.length > 0 ? { diffs } : {}),
    });
    onProgress({ message: title });
  };
  const finish = (block: Block, result: Json | undefined): void => {
    const callId = block.tool_use_id ?? "";
    const call = calls.get(callId);
    if (call === undefined) return;
    calls.delete(callId);
    const diffs = diffsOfResult(fieldsOf(result));
    const failed = wasDenied(callId) ? "denied" : "failed";
    onUpdate({
      kind: "tool",
      callId,
      status: block.is_error === true ? failed : "completed",
      output: outputOf(block.content),
      ...(diffs.length > 0 ? { diffs } : {}),
    });
    if (block.is_error === true) return;
    const [path] = kindOfTool(call.name) === "edit" ? pathsOf(call.name, fieldsOf(call.input)) : [];
    if (path !== undefined) changed.add(path);
    const planned = plan.done(call.name, call.input, result);
    if (planned !== undefined) onUpdate(planned);
  };
  const whole = (id: string | undefined, blocks: Block[]): void => {
    const streamed = id !== undefined && id === streaming.id ? streaming.kinds : new Set();
    for (const block of blocks) {
      if (block.type === "text" && !streamed.has("text_delta")) say("text", block.text);
      if (block.type === "thinking" && !streamed.has("thinking_delta")) say("thought", block.thinking);
    }
  };
  return {
    take: (message) => {
      if (message.type === "stream_event") stream(message.event, message.parent_tool_use_id ?? null);
      if (message.type === "assistant") {
        const { id, content } = message.message;
        if ((message.parent_tool_use_id ?? null) === null) whole(id, content);
        for (const block of content) if (block.type === "tool_use") begin(block);
      }
      if (message.type === "user") for (const block of message.message.content) if (block.type === "tool_result") finish(block, message.tool_use_result);
      if (message.type === "result") {
        spent.sumUp(message);
        tellSpent();
      }
    },
    changed: () => [...changed],
    said: () => said,
  };
}
