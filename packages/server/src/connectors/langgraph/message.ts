// A LangChain message as it comes over the wire, and what it says.
import type { Json } from "@baton/contract";

export type JsonObject = { [key: string]: Json };
export const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
/** The objects of a list; one object counts as a list of one. */
export const toList = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : []);

/** Content is text, or a list of blocks of which some are text. */
export function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block) => (typeof block === "string" ? block : isObject(block) && typeof block["text"] === "string" ? block["text"] : "")).join("");
}
export const thoughtOf = (content: Json | undefined): string =>
  toList(content)
    .map(({ thinking, reasoning }) => (typeof thinking === "string" ? thinking : typeof reasoning === "string" ? reasoning : ""))
    .join("");
export const wordOr = (value: Json | undefined, other: string): string => (typeof value === "string" && value !== "" ? value : other);
