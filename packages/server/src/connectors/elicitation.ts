// A tool server that asks the person behind a call for something: it becomes an `input` question, and the answer goes back in the shape it asked for.
import type { Json } from "@baton/contract";
import type { ElicitRequest, ElicitResult } from "@modelcontextprotocol/client";
import { parseAgentJson, toStorableJson } from "./agent-text.ts";
import type { AttemptContext } from "./connector.ts";

type Fields = Record<string, { type?: unknown }>;
type Content = NonNullable<ElicitResult["content"]>;

/** Never rejects. An answer that cannot be put into the shape asked for declines. */
export async function elicit(server: string, request: ElicitRequest, timeoutMs: number, ask: AttemptContext["ask"]): Promise<ElicitResult> {
  const { params } = request;
  if (!("requestedSchema" in params)) return { action: "decline" };
  const fields = params.requestedSchema.properties as Fields;
  const detail = toStorableJson({ toolServer: server, question: params.message, fields: JSON.parse(JSON.stringify(fields)) as Json });
  const answer = await ask({ kind: "input", title: `${server} asks: ${params.message.slice(0, 2_000)}`, detail, timeoutMs });
  if (answer.decision === "rejected") return { action: "decline" };
  if (answer.decision !== "approved") return { action: "cancel" };
  const content = toContent(fields, answer.comment ?? "");
  return content === undefined ? { action: "decline" } : { action: "accept", content };
}

/** A JSON object that names the fields, or, where there is one field only, its plain value. */
function toContent(fields: Fields, comment: string): Content | undefined {
  const names = Object.keys(fields);
  if (names.length === 0) return {};
  const parsed = comment.trimStart().startsWith("{") ? parseAgentJson(comment) : undefined;
  if (parsed?.ok && typeof parsed.value === "object" && parsed.value !== null && !Array.isArray(parsed.value))
    return Object.fromEntries(Object.entries(parsed.value).filter((entry): entry is [string, string | number | boolean | string[]] => isPlain(entry[1])));
  const [name, second] = names;
  if (name === undefined || second !== undefined) return undefined;
  const value = toValue(fields[name]?.type, comment.trim());
  return value === undefined ? undefined : { [name]: value };
}
const isPlain = (value: Json): boolean =>
  ["string", "number", "boolean"].includes(typeof value) || (Array.isArray(value) && value.every((item) => typeof item === "string"));

function toValue(type: unknown, text: string): Content[string] | undefined {
  if (type === "number" || type === "integer") return text === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  if (type === "boolean") return /^(true|yes|y|1)$/i.test(text) ? true : /^(false|no|n|0)$/i.test(text) ? false : undefined;
  return type === "array" ? text.split(",").map((item) => item.trim()) : text;
}
