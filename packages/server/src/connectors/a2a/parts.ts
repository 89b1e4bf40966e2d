// Parts of messages and artifacts, as text and as data. Pure.
import type { Part } from "@a2a-js/sdk";
import type { Json } from "@baton/contract";

export const textsOf = (parts: readonly Part[]): string[] => parts.flatMap(({ content }) => (content?.$case === "text" ? [content.value] : []));
export const toText = (parts: readonly Part[]): string => textsOf(parts).join("\n");
const dataOf = (parts: readonly Part[]): Json[] => parts.flatMap(({ content }) => (content?.$case === "data" ? [content.value as Json] : []));

/** What the parts say: their data, or else their text; undefined when they hold neither. Several data are a list. */
export function toValue(parts: readonly Part[]): Json | undefined {
  const data = dataOf(parts);
  if (data.length > 0) return data.length === 1 ? (data[0] ?? null) : data;
  return textsOf(parts).length > 0 ? toText(parts) : undefined;
}

/** Parts that came as pieces of one: text that goes on is one text. */
export function appendParts(parts: Part[], more: readonly Part[]): void {
  for (const part of more) {
    const last = parts.at(-1);
    if (last?.content?.$case === "text" && part.content?.$case === "text" && last.filename === part.filename) last.content.value += part.content.value;
    else parts.push(part);
  }
}
