// The wire of Responses. Where the service keeps the conversation only what is new is sent; else all of it, thoughts included, as far as it hands them out.
import type { Json } from "@baton/contract";
import { fail } from "../time-limit.ts";
import { toEventFailure } from "./api-failure.ts";
import { type Asked, isClosed, isObject, type Listener, listIn, type Reader, type Said, systemText, textIn, toUsage, type Turn, type Wire } from "./turn.ts";

export const responses: Wire = { path: "/responses", body, read };

function body(asked: Asked): { [name: string]: Json } {
  const { settings, said, tools, previous, without } = asked;
  const system = systemText(asked);
  const keepsThoughts = !settings.store && tools.length > 0 && !without.has("thoughts");
  return {
    model: settings.azure?.deployment ?? settings.model,
    input: said.flatMap(toItems),
    stream: true,
    store: settings.store,
    ...(system === "" ? {} : { instructions: system }),
    ...(previous === undefined ? {} : { previous_response_id: previous }),
    ...(keepsThoughts ? { include: ["reasoning.encrypted_content"] } : {}),
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.maxOutputTokens === undefined ? {} : { max_output_tokens: settings.maxOutputTokens }),
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", ...tool, strict: false })) }),
    ...(settings.responseSchema === undefined || without.has("schema")
      ? {}
      : { text: { format: { type: "json_schema", name: "answer", schema: settings.responseSchema, strict: isClosed(settings.responseSchema) } } }),
  };
}

function toItems(one: Said): Json[] {
  if (one.by === "person") return [{ role: "user", content: one.text }];
  if (one.by === "tool") return [{ type: "function_call_output", call_id: one.callId, output: one.output }];
  const { text, calls, thoughts } = one.turn;
  const said: Json[] = text === "" ? [] : [{ role: "assistant", content: text }];
  return [...thoughts, ...said, ...calls.map((call) => ({ type: "function_call", call_id: call.id, name: call.name, arguments: call.arguments }))];
}

function read(listener: Listener): Reader {
  const turn: Turn = { text: "", refusal: "", calls: [], usage: undefined, end: "finished", thoughts: [] };
  let isDone = false;
  let items = 0;
  const say = (text: string): void => {
    turn.text += text;
    if (text !== "") listener.onText(text);
  };
  /** An item as a whole; its text has been streamed before, or not. */
  const takeItem = (item: Json): void => {
    if (!isObject(item)) return;
    items++;
    if (item["type"] === "function_call") turn.calls.push({ id: textIn(item["call_id"]), name: textIn(item["name"]), arguments: textIn(item["arguments"]) });
    if (item["type"] === "reasoning" && textIn(item["encrypted_content"]) !== "") turn.thoughts.push(item);
    if (item["type"] !== "message") return;
    const blocks = listIn(item["content"]).filter(isObject);
    if (turn.text === "") say(blocks.map((block) => textIn(block["text"])).join(""));
    if (turn.refusal === "") turn.refusal = blocks.map((block) => textIn(block["refusal"])).join("");
  };
  const takeEnd = (response: Json): ReturnType<Reader["take"]> => {
    if (!isObject(response)) return fail("invalid_response", "The model's last event holds no response.");
    isDone = true;
    turn.id = textIn(response["id"]) || undefined;
    turn.usage = toUsage(response["usage"], "input_tokens", "output_tokens");
    if (items === 0) listIn(response["output"]).forEach(takeItem);
    if (isObject(response["error"])) return toEventFailure(response["error"]);
    const { incomplete_details: incomplete } = response;
    if (isObject(incomplete)) turn.end = incomplete["reason"] === "content_filter" ? "filter" : "length";
    return undefined;
  };
  return {
    take: (event) => {
      if (!isObject(event)) return undefined;
      switch (event["type"]) {
        case "response.output_text.delta":
          say(textIn(event["delta"]));
          return undefined;
        case "response.refusal.delta":
          turn.refusal += textIn(event["delta"]);
          return undefined;
        case "response.reasoning_summary_text.delta":
        case "response.reasoning_text.delta":
          listener.onThought(textIn(event["delta"]));
          return undefined;
        case "response.output_item.done":
          takeItem(event["item"] ?? null);
          return undefined;
        case "response.completed":
        case "response.incomplete":
        case "response.failed":
          return takeEnd(event["response"] ?? null);
        case "error":
          return toEventFailure(isObject(event["error"]) ? event["error"] : event);
        default:
          // A whole answer, from a service that does not stream.
          return event["object"] === "response" ? takeEnd(event) : undefined;
      }
    },
    isDone: () => isDone,
    turn: () => (isDone ? turn : undefined),
  };
}
