// OpenAI's Responses API, as far as coding agents use it.
import type { Schema } from "./tool-call.ts";
import { type Piece, type Said, textOf, TOKENS, toTurns, type Wire } from "./wire.ts";

interface OfferedTool {
  type: string;
  name?: string;
  parameters?: Schema;
  /** Of a namespace. */
  tools?: OfferedTool[];
}
interface Item {
  type?: string;
  role?: string;
  content?: unknown;
}
interface Body {
  stream?: boolean;
  input: string | Item[];
  tools?: OfferedTool[];
}
const usage = {
  input_tokens: TOKENS.input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: TOKENS.output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: TOKENS.input + TOKENS.output,
};
const flat = (tools: OfferedTool[]): OfferedTool[] => tools.flatMap((tool) => (tool.type === "namespace" ? flat(tool.tools ?? []) : [tool]));

function toItem(said: Said, id: string): { id: string; type: string; [field: string]: unknown } {
  if (!("call" in said)) {
    const content = [{ type: "output_text", text: said.text, annotations: [] }];
    return { type: "message", id: `msg_${id}`, role: "assistant", status: "completed", content };
  }
  const { tool: name, input } = said.call;
  const call = { call_id: `call_${id}`, name, status: "completed" };
  return typeof input === "string"
    ? { type: "custom_tool_call", id: `ctc_${id}`, ...call, input }
    : { type: "function_call", id: `fc_${id}`, ...call, arguments: JSON.stringify(input) };
}
const response = (id: string, status: string, output: unknown[], used: unknown = null) => ({
  id: `resp_${id}`,
  object: "response",
  created_at: 1,
  status,
  model: "scripted",
  output,
  usage: used,
  error: null,
});

export const openaiResponses: Wire = {
  name: "openai-responses",
  path: /\/responses(\?|$)/,
  read: ({ input, tools = [] }: Body) => ({
    tools: flat(tools).map(({ type, name = type, parameters: schema = {} }) => ({ name, schema, isFreeform: type === "custom" })),
    ...toTurns(
      typeof input === "string" ? [{ role: "user", content: input } satisfies Item] : input,
      ({ role }: Item) => role === "user",
      ({ type = "" }: Item) => type.endsWith("_call_output"),
      ({ content }: Item) => textOf(content),
    ),
  }),
  isStreamed: ({ stream }: Body) => stream === true,
  whole: (said, id) => response(id, "completed", [toItem(said, id)], usage),
  pieces: (said, id) => {
    const item = toItem(said, id);
    const at = { item_id: item.id, output_index: 0 };
    const words =
      "text" in said
        ? [
            { type: "response.content_part.added", ...at, content_index: 0, part: { type: "output_text", text: "", annotations: [] } },
            { type: "response.output_text.delta", ...at, content_index: 0, delta: said.text },
          ]
        : [];
    const begin = [
      { type: "response.created", response: response(id, "in_progress", []) },
      { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", ...("text" in said ? { content: [] } : {}) } },
      ...words,
    ];
    const end = [
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: response(id, "completed", [item], usage) },
    ];
    const toPiece = (data: { type: string }, sequence_number: number): Piece => ({ event: data.type, data: { ...data, sequence_number } });
    return { begin: begin.map(toPiece), end: end.map((data, index) => toPiece(data, begin.length + index)) };
  },
};
