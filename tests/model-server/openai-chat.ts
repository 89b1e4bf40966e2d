// OpenAI's chat completions, as far as coding agents use them.
import type { Schema } from "./tool-call.ts";
import { type Said, textOf, TOKENS, toTurns, type Wire } from "./wire.ts";

interface Body {
  stream?: boolean;
  messages: { role: string; content?: unknown }[];
  tools?: { type: string; function?: { name: string; parameters?: Schema }; custom?: { name: string } }[];
}
const usage = { prompt_tokens: TOKENS.input, completion_tokens: TOKENS.output, total_tokens: TOKENS.input + TOKENS.output };
const finishOf = (said: Said) => ("call" in said ? "tool_calls" : "stop");

function toMessage(said: Said, id: string) {
  if (!("call" in said)) return { role: "assistant", content: said.text };
  const { tool: name, input } = said.call;
  const call =
    typeof input === "string" ? { type: "custom", custom: { name, input } } : { type: "function", function: { name, arguments: JSON.stringify(input) } };
  return { role: "assistant", content: null, tool_calls: [{ index: 0, id: `call_${id}`, ...call }] };
}

export const openaiChat: Wire = {
  name: "openai-chat",
  path: /\/chat\/completions(\?|$)/,
  read: ({ messages, tools = [] }: Body) => ({
    tools: tools.map((tool) => ({
      name: tool.function?.name ?? tool.custom?.name ?? "",
      schema: tool.function?.parameters ?? {},
      isFreeform: tool.type === "custom",
    })),
    ...toTurns(
      messages,
      ({ role }) => role === "user",
      ({ role }) => role === "tool",
      ({ content }) => textOf(content),
    ),
  }),
  isStreamed: ({ stream }: Body) => stream === true,
  whole: (said, id) => ({
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    created: 1,
    model: "scripted",
    choices: [{ index: 0, message: toMessage(said, id), finish_reason: finishOf(said) }],
    usage,
  }),
  pieces: (said, id) => {
    const chunk = (choices: unknown[], more = {}) => ({
      data: { id: `chatcmpl-${id}`, object: "chat.completion.chunk", created: 1, model: "scripted", choices, ...more },
    });
    return {
      begin: [chunk([{ index: 0, delta: toMessage(said, id), finish_reason: null }])],
      end: [chunk([{ index: 0, delta: {}, finish_reason: finishOf(said) }]), chunk([], { usage }), { data: "[DONE]" }],
    };
  },
};
