// What is said between Baton and a model, in neither wire's words, and what a wire must know how to do.
import type { Json, OpenaiConnector, Outcome } from "@baton/contract";
import type { ConnectorAgent } from "../connector.ts";
import type { Failure } from "../time-limit.ts";

export interface ToolCall {
  id: string;
  name: string;
  /** JSON, as the model wrote it. */
  arguments: string;
}
export interface Turn {
  text: string;
  /** What it says instead of an answer when it refuses. */
  refusal: string;
  calls: ToolCall[];
  usage: Outcome["usage"];
  /** Why it stopped: it had finished, ran out of tokens, or was filtered. */
  end: "finished" | "length" | "filter";
  /** By which the service goes on from here. */
  id?: string | undefined;
  /** What the model thought, to be handed back with its tool calls in the service's own shape. */
  thoughts: { [name: string]: Json }[];
}
export type Said = { by: "person"; text: string } | { by: "model"; turn: Turn } | { by: "tool"; callId: string; output: string };
export interface OfferedTool {
  name: string;
  description: string;
  parameters: Json;
}
export interface Asked {
  settings: OpenaiConnector;
  agent: Pick<ConnectorAgent, "persona">;
  said: readonly Said[];
  tools: readonly OfferedTool[];
  /** The service's own name for what was said before `said`. */
  previous: string | undefined;
  /** Parts of a request that this service does not take. */
  without: ReadonlySet<Part>;
}
export const parts = ["usage", "schema", "max_tokens", "thoughts"] as const;
export type Part = (typeof parts)[number];

export interface Listener {
  onText(text: string): void;
  onThought(text: string): void;
}
/** Reads one answer, event by event; a whole answer that was not streamed is one event. */
export interface Reader {
  take(event: Json): Failure | undefined;
  /** True when nothing more is to come. */
  isDone(): boolean;
  /** undefined: it was cut off. */
  turn(): Turn | undefined;
}
export interface Wire {
  path: string;
  body(asked: Asked): { [name: string]: Json };
  read(listener: Listener): Reader;
}

export const isObject = (value: Json | undefined): value is { [name: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);
export const textIn = (value: Json | undefined): string => (typeof value === "string" ? value : "");
export const listIn = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A service that leaves a count out, or says what cannot be, has told nothing. */
export function toUsage(usage: Json | undefined, input: string, output: string): Outcome["usage"] {
  if (!isObject(usage)) return undefined;
  const count = (value: Json | undefined): number | null => (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null);
  return { inputTokens: count(usage[input]), outputTokens: count(usage[output]) };
}

/** Who the model is, and what it is told of the answer's shape where the service cannot be. */
export const systemText = ({ agent, settings, without }: Asked): string =>
  [agent.persona ?? "", settings.persona ?? "", settings.responseSchema !== undefined && without.has("schema") ? schemaWords(settings.responseSchema) : ""]
    .filter(Boolean)
    .join("\n\n");
const schemaWords = (schema: Json): string => `Answer with JSON alone, that fits this JSON Schema:\n${JSON.stringify(schema)}`;

/** Services promise to keep to a schema only where it leaves nothing open. */
export function isClosed(schema: Json): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed);
  if (!isObject(schema)) return true;
  const { properties } = schema;
  if (isObject(properties) || schema["type"] === "object") {
    const required = listIn(schema["required"]);
    if (schema["additionalProperties"] !== false || !Object.keys(isObject(properties) ? properties : {}).every((name) => required.includes(name))) return false;
  }
  return Object.values(schema).every(isClosed);
}
