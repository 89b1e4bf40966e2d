// A model behind an interface like OpenAI's: what it is asked with, what its answer must look like, and which tools it may use.
import { z } from "zod";
import { httpUrl, jsonObject, label, text } from "./json.ts";
import { mcpServer } from "./mcp-server.ts";
import { permissions } from "./permission.ts";
import { prices } from "./prices.ts";
import { authConfig } from "./template.ts";

export const openaiConnector = z.strictObject({
  kind: z.literal("openai"),
  /** Up to what comes before `/chat/completions`, such as https://api.openai.com/v1. Default: the Ollama at this server's OLLAMA_API_URL. */
  baseUrl: httpUrl.optional(),
  /** Chat completions, which every such service speaks, or Responses. */
  wire: z.enum(["chat", "responses"]).default("chat"),
  model: label,
  /** Azure's way of addressing: `baseUrl` is then the resource, such as https://mine.openai.azure.com. */
  azure: z.strictObject({ deployment: label, apiVersion: label }).optional(),
  /** Who the model is: its system prompt. */
  persona: text(100_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  maxOutputTokens: z.number().int().min(1).max(10_000_000).optional(),
  /** A JSON Schema its answer must fit; the answer is then the step's output as JSON. Without: the output is text. */
  responseSchema: jsonObject.optional(),
  /** Responses only: the service keeps the conversation, and a later step goes on from it. */
  store: z.boolean().default(false),
  /** Their tools are offered to the model, beside those found for a step. */
  mcpServers: z.array(mcpServer).max(20).default([]),
  /** Which tools may be called without asking a person. */
  permissions: permissions.optional(),
  /** How often it may call tools before it must answer. */
  maxToolRounds: z.number().int().min(0).max(1000).default(20),
  prices: prices.optional(),
  /** Values may hold `${ENV_NAME}` or `${secret:name}`, filled in when the model is called. */
  headers: z.record(z.string().max(200), text(8000)).default({}),
  auth: authConfig.optional(),
});
export type OpenaiConnector = z.infer<typeof openaiConnector>;
