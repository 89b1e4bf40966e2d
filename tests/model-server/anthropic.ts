// Anthropic's Messages API, as far as coding agents use it.
import type { Schema } from "./tool-call.ts";
import { type Said, textOf, TOKENS, toTurns, type Wire } from "./wire.ts";

interface Body {
  stream?: boolean;
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
  tools?: { name: string; input_schema?: Schema }[];
}
type Message = Body["messages"][number];
const isResult = ({ content }: Message): boolean => Array.isArray(content) && content.some(({ type }) => type === "tool_result");

const usage = { input_tokens: TOKENS.input, output_tokens: TOKENS.output, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
const stopOf = (said: Said) => ("call" in said ? "tool_use" : "end_turn");
const message = (id: string, content: unknown[], stop_reason: string | null) => ({
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
  model: "scripted",
  content,
  stop_reason,
  stop_sequence: null,
  usage,
});

export const anthropic: Wire = {
  name: "anthropic",
  path: /\/messages(\?|$)/,
  read: ({ messages, tools = [] }: Body) => ({
    tools: tools.map(({ name, input_schema: schema = {} }) => ({ name, schema, isFreeform: false })),
    ...toTurns(
      messages,
      (message) => message.role === "user" && !isResult(message),
      isResult,
      ({ content }) => textOf(content),
    ),
  }),
  isStreamed: ({ stream }: Body) => stream === true,
  whole: (said, id) =>
    message(
      id,
      ["call" in said ? { type: "tool_use", id: `toolu_${id}`, name: said.call.tool, input: said.call.input } : { type: "text", text: said.text }],
      stopOf(said),
    ),
  pieces: (said, id) => {
    const [block, delta] =
      "call" in said
        ? [
            { type: "tool_use", id: `toolu_${id}`, name: said.call.tool, input: {} },
            { type: "input_json_delta", partial_json: JSON.stringify(said.call.input) },
          ]
        : [
            { type: "text", text: "" },
            { type: "text_delta", text: said.text },
          ];
    const begin = [
      { type: "message_start", message: message(id, [], null) },
      { type: "content_block_start", index: 0, content_block: block },
      { type: "content_block_delta", index: 0, delta },
    ];
    const end = [
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: stopOf(said), stop_sequence: null }, usage },
      { type: "message_stop" },
    ];
    const toPiece = (data: { type: string }) => ({ event: data.type, data });
    return { begin: begin.map(toPiece), end: end.map(toPiece) };
  },
};
