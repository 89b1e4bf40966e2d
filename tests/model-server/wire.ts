// What the model server needs of a wire protocol: how to read a request, and how to say a reply, whole or in pieces.
import type { Conversation } from "./script.ts";
import type { Call } from "./tool-call.ts";

/** What every answer claims to have used, so that a test knows what must come out at the other end. */
export const TOKENS = { input: 1200, output: 34 };

export type Said = { text: string } | { call: Call };
export interface Piece {
  event?: string;
  data: unknown;
}
export interface Wire {
  name: "anthropic" | "openai-chat" | "openai-responses" | "gemini";
  /** Of the POST requests that are for it. */
  path: RegExp;
  read(body: never): Conversation;
  isStreamed(body: never, path: string): boolean;
  whole(said: Said, id: string): unknown;
  /** `begin` up to and with the first words, `end` with what was used. */
  pieces(said: Said, id: string): { begin: Piece[]; end: Piece[] };
}

export const textOf = (content: unknown): string => {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("\n") : "";
};

/** Where the newest turn begins: its prompts, and how many tool results came after the last of them. */
export function toTurns<Message>(
  messages: readonly Message[],
  isPrompt: (message: Message) => boolean,
  isResult: (message: Message) => boolean,
  toText: (message: Message) => string,
): { prompts: string[]; results: number } {
  const newest = messages.findLastIndex(isPrompt);
  return { prompts: messages.filter(isPrompt).map(toText), results: messages.slice(newest + 1).filter(isResult).length };
}
