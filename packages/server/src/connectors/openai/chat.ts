// The wire of chat completions. Services differ in what they leave out of it; what they add is passed over.
import type { Json } from "@baton/contract";
import { toEventFailure } from "./api-failure.ts";
import {
  type Asked,
  isClosed,
  isObject,
  type Listener,
  listIn,
  type Reader,
  type Said,
  systemText,
  textIn,
  toUsage,
  type ToolCall,
  type Turn,
  type Wire,
} from "./turn.ts";

export const chat: Wire = { path: "/chat/completions", body, read };

function body(asked: Asked): { [name: string]: Json } {
  const { settings, said, tools, without } = asked;
  const system = systemText(asked);
  return {
    model: settings.azure?.deployment ?? settings.model,
    messages: [...(system === "" ? [] : [{ role: "system", content: system }]), ...said.map(toMessage)],
    stream: true,
    ...(without.has("usage") ? {} : { stream_options: { include_usage: true } }),
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.maxOutputTokens === undefined ? {} : { [without.has("max_tokens") ? "max_completion_tokens" : "max_tokens"]: settings.maxOutputTokens }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) }),
    ...(settings.responseSchema === undefined || without.has("schema")
      ? {}
      : {
          response_format: { type: "json_schema", json_schema: { name: "answer", schema: settings.responseSchema, strict: isClosed(settings.responseSchema) } },
        }),
  };
}

function toMessage(one: Said): Json {
  if (one.by === "person") return { role: "user", content: one.text };
  if (one.by === "tool") return { role: "tool", tool_call_id: one.callId, content: one.output };
  const { text, calls, thoughts } = one.turn;
  const toolCalls = calls.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } }));
  return { role: "assistant", content: text === "" && calls.length > 0 ? null : text, ...(calls.length > 0 ? { tool_calls: toolCalls, ...thoughts[0] } : {}) };
}

const ENDS: Record<string, Turn["end"]> = { length: "length", content_filter: "filter" };
/** Under either name services tell what the model thinks. */
const THOUGHTS = ["reasoning_content", "reasoning"];

function read(listener: Listener): Reader {
  const turn: Turn = { text: "", refusal: "", calls: [], usage: undefined, end: "finished", thoughts: [] };
  const calls = new Map<number, ToolCall>();
  const thoughts: { [name: string]: string } = {};
  let finish: string | undefined;

  const takeDelta = (delta: { [name: string]: Json }): void => {
    const text = textIn(delta["content"]);
    turn.text += text;
    turn.refusal += textIn(delta["refusal"]);
    if (text !== "") listener.onText(text);
    const field = THOUGHTS.find((name) => textIn(delta[name]) !== "");
    if (field !== undefined) {
      thoughts[field] = (thoughts[field] ?? "") + textIn(delta[field]);
      listener.onThought(textIn(delta[field]));
    }
    for (const [at, piece] of listIn(delta["tool_calls"]).entries()) if (isObject(piece)) takeCall(piece, at);
  };
  const takeCall = (piece: { [name: string]: Json }, at: number): void => {
    const index = typeof piece["index"] === "number" ? piece["index"] : at;
    const said = isObject(piece["function"]) ? piece["function"] : {};
    const known = calls.get(index);
    const call = known ?? { id: "", name: "", arguments: "" };
    call.id ||= textIn(piece["id"]);
    if (call.name === "") call.name = textIn(said["name"]);
    // Some services hand over an object where the others stream text.
    call.arguments += isObject(said["arguments"]) ? JSON.stringify(said["arguments"]) : textIn(said["arguments"]);
    calls.set(index, call);
  };
  return {
    take: (event) => {
      if (!isObject(event)) return undefined;
      if (event["error"] !== undefined && event["error"] !== null) return toEventFailure(event["error"]);
      turn.usage = toUsage(event["usage"], "prompt_tokens", "completion_tokens") ?? turn.usage;
      const [choice] = listIn(event["choices"]);
      if (!isObject(choice)) return undefined;
      const delta = choice["delta"] ?? choice["message"];
      if (isObject(delta)) takeDelta(delta);
      finish = textIn(choice["finish_reason"]) || finish;
      return undefined;
    },
    // Usage comes after the last piece.
    isDone: () => false,
    turn: () => {
      if (finish === undefined) return undefined;
      return { ...turn, calls: [...calls.values()], end: ENDS[finish] ?? "finished", thoughts: [thoughts] };
    },
  };
}
