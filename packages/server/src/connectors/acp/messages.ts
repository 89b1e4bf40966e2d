// What an agent sends, read as far as it is understood: an update or answer of an unknown shape is left out, never an error.
import { z } from "zod";

const some = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined);
const many = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema.nullable().catch(null))
    .transform((items) => items.filter((item) => item !== null))
    .nullish()
    .catch(undefined);
const text = z.string();
const count = some(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER));
const meta = some(z.record(text, z.json()));

const block = z.object({ type: text, text: some(text), uri: some(text), name: some(text), resource: some(z.object({ text: some(text) })) });
const chunk = { content: block, messageId: some(text), _meta: meta };
export const toolContent = z.object({ type: text, content: some(block), path: some(text), oldText: some(text), newText: some(text) });
const tool = {
  toolCallId: text,
  title: some(text),
  kind: some(text),
  status: some(text),
  content: many(toolContent),
  locations: many(z.object({ path: text })),
  rawInput: some(z.json()),
  rawOutput: some(z.json()),
};
export const toolCall = z.object(tool);
export type ToolCall = z.infer<typeof toolCall>;
const money = z.object({ amount: z.number().min(0).max(Number.MAX_SAFE_INTEGER), currency: text.max(10) });

export const sessionUpdate = z.discriminatedUnion("sessionUpdate", [
  z.object({ sessionUpdate: z.literal("agent_message_chunk"), ...chunk }),
  z.object({ sessionUpdate: z.literal("agent_thought_chunk"), ...chunk }),
  z.object({ sessionUpdate: z.literal("tool_call"), ...tool }),
  z.object({ sessionUpdate: z.literal("tool_call_update"), ...tool }),
  z.object({ sessionUpdate: z.literal("plan"), entries: z.array(z.object({ content: text, status: some(text) })) }),
  z.object({ sessionUpdate: z.literal("usage_update"), cost: some(money) }),
  z.object({ sessionUpdate: z.literal("notice"), title: text, description: some(text) }),
]);
export type SessionUpdate = z.infer<typeof sessionUpdate>;
export const sessionNotification = z.object({ sessionId: text, update: sessionUpdate });

export const permissionRequest = z.object({ sessionId: text, toolCall, options: z.array(z.object({ optionId: text, name: some(text), kind: text })) });
export type PermissionOption = z.infer<typeof permissionRequest>["options"][number];
export const readFileRequest = z.object({ path: text, line: count, limit: count });
export const writeFileRequest = z.object({ path: text, content: text });

export const initialized = z.object({
  protocolVersion: z.number(),
  agentCapabilities: some(z.object({ loadSession: some(z.boolean()), mcpCapabilities: some(z.object({ http: some(z.boolean()) })) })),
  authMethods: many(z.object({ id: text, name: some(text), description: some(text) })),
});
export type Initialized = z.infer<typeof initialized>;

const option = z.object({ value: text, name: some(text) });
const choice = z.object({
  id: text,
  category: some(text),
  options: some(
    z.array(z.union([option, z.object({ options: z.array(option) })])).transform((items) => items.flatMap((item) => ("value" in item ? [item] : item.options))),
  ),
});
export const openedSession = z.object({
  sessionId: some(text.min(1).max(1_000)),
  configOptions: many(choice),
  modes: some(z.object({ availableModes: z.array(z.object({ id: text, name: some(text) })) })),
  /** Of an earlier draft of the protocol; gemini and qwen offer their models so. */
  models: some(z.object({ availableModels: z.array(z.object({ modelId: text, name: some(text) })) })),
});
export type OpenedSession = z.infer<typeof openedSession>;

export const usage = z.object({
  inputTokens: count,
  outputTokens: count,
  totalTokens: count,
  cachedReadTokens: count,
  cachedWriteTokens: count,
  thoughtTokens: count,
});
export type Tokens = z.infer<typeof usage>;
const tokenCount = some(z.object({ input_tokens: count, output_tokens: count }));
export const prompted = z.object({ stopReason: text, usage: some(usage), _meta: some(z.object({ quota: some(z.object({ token_count: tokenCount })) })) });
export type Prompted = z.infer<typeof prompted>;
