// Parts of messages and artifacts, as text and as data. Pure.
import type { Part } from "@a2a-js/sdk";
import type { Json } from "@baton/contract";

const textsOf = (parts: readonly Part[]): string[] => parts.flatMap(({ content }) => (content?.$case === "text" ? [content.value] : []));
/** Of a message: its parts are paragraphs. */
export const toText = (parts: readonly Part[]): string => textsOf(parts).join("\n");
/** Of an artifact: its parts may be the pieces in which it was streamed, kept as they came. */
export const toWholeText = (parts: readonly Part[]): string => textsOf(parts).join("");
const dataOf = (parts: readonly Part[]): Json[] => parts.flatMap(({ content }) => (content?.$case === "data" ? [content.value as Json] : []));

/** What the parts say: their data, or else their text, joined by `join`; undefined when they hold neither. Several data are a list. */
export function toValue(parts: readonly Part[], join: (parts: readonly Part[]) => string): Json | undefined {
  const data = dataOf(parts);
  if (data.length > 0) return data.length === 1 ? (data[0] ?? null) : data;
  return textsOf(parts).length > 0 ? join(parts) : undefined;
}

/** Parts that came as pieces of one: text that goes on is one text. */
export function appendParts(parts: Part[], more: readonly Part[]): void {
  for (const part of more) {
    const last = parts.at(-1);
    if (last?.content?.$case === "text" && part.content?.$case === "text" && last.filename === part.filename) last.content.value += part.content.value;
    else parts.push(part);
  }
}
