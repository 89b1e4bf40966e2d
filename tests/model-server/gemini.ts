// Gemini's generateContent, as far as coding agents use it.
import type { Schema } from "./tool-call.ts";
import { type Said, TOKENS, toTurns, type Wire } from "./wire.ts";

interface Content {
  role?: string;
  parts?: { text?: string; functionResponse?: unknown }[];
}
interface Body {
  contents?: Content[];
  tools?: { functionDeclarations?: { name: string; parametersJsonSchema?: Schema; parameters?: Schema }[] }[];
  generationConfig?: { responseMimeType?: string };
}
const isResult = ({ parts = [] }: Content): boolean => parts.some(({ functionResponse }) => functionResponse !== undefined);
const usageMetadata = { promptTokenCount: TOKENS.input, candidatesTokenCount: TOKENS.output, totalTokenCount: TOKENS.input + TOKENS.output };

const answer = (said: Said, id: string, more = {}) => ({
  candidates: [{ index: 0, content: { role: "model", parts: [toPart(said)] }, ...more }],
  modelVersion: "scripted",
  responseId: id,
});
const toPart = (said: Said) => ("call" in said ? { functionCall: { name: said.call.tool, args: said.call.input } } : { text: said.text });
const ending = { finishReason: "STOP" };

export const gemini: Wire = {
  name: "gemini",
  path: /\/models\/[^/]+:(stream)?generateContent/i,
  read: ({ contents = [], tools = [], generationConfig }: Body) => ({
    tools: tools
      .flatMap(({ functionDeclarations = [] }) => functionDeclarations)
      .map(({ name, parametersJsonSchema, parameters }) => ({ name, schema: parametersJsonSchema ?? parameters ?? {}, isFreeform: false })),
    ...toTurns(
      contents,
      (content) => content.role === "user" && !isResult(content),
      isResult,
      ({ parts = [] }) => parts.map(({ text = "" }) => text).join("\n"),
    ),
    wantsJson: generationConfig?.responseMimeType === "application/json",
  }),
  isStreamed: (_: Body, path) => path.includes(":stream"),
  whole: (said, id) => ({ ...answer(said, id, ending), usageMetadata }),
  pieces: (said, id) => ({
    begin: "call" in said ? [] : [{ data: answer(said, id) }],
    end: [{ data: { ...answer("call" in said ? said : { text: "" }, id, ending), usageMetadata } }],
  }),
};
