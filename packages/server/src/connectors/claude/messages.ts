// The lines Claude Code writes, as far as they are read here. Versions differ in what they say and in which order: an unknown kind of
// line is ignored, a field that is missing or strange is left out.
import type { Json } from "@baton/contract";
import { z } from "zod";

const some = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const string = some(z.string());
const number = some(z.number());
/** One that cannot be is NaN, and so is every sum with it: left out, the others would pass for all there was. */
const count = z
  .number()
  .int()
  .min(0)
  .nullable()
  .transform((told) => told ?? undefined)
  .catch(Number.NaN)
  .optional();
const json = some(z.custom<Json>((value) => value !== undefined));
const parent = some(z.string().nullable());

const tokens = some(z.object({ input_tokens: count, output_tokens: count, cache_read_input_tokens: count, cache_creation_input_tokens: count }));
export type Tokens = NonNullable<z.infer<typeof tokens>>;

const block = z.object({
  type: z.string(),
  text: string,
  thinking: string,
  /** Of a tool's call. */
  id: string,
  name: string,
  input: json,
  /** Of a tool's result. */
  tool_use_id: string,
  content: json,
  is_error: some(z.boolean()),
});
export type Block = z.infer<typeof block>;
const blocks = z.array(block.catch({ type: "unknown" })).catch([]);

const event = z.object({
  type: z.string(),
  /** Of `message_start`. */
  message: some(z.object({ id: string, usage: tokens })),
  /** Of `content_block_delta`. */
  delta: some(z.object({ type: string, text: string, thinking: string })),
  /** Of `message_delta`. */
  usage: tokens,
});
export type StreamEvent = z.infer<typeof event>;

const controlRequest = z.object({
  subtype: z.string(),
  tool_name: string,
  tool_use_id: string,
  /** Of `can_use_tool` what the tool is given; of `hook_callback` what the hook is told. */
  input: json,
  description: string,
  decision_reason: string,
});
export type ControlRequest = z.infer<typeof controlRequest>;

const modelUsage = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadInputTokens: count,
  cacheCreationInputTokens: count,
  costUSD: some(z.number().min(0)),
  /** `unknown`: the model is in no price list, and the cost a guess. */
  costBasis: string,
});
export type ModelUsage = z.infer<typeof modelUsage>;
const models = some(z.record(z.string(), modelUsage));
const result = z.object({
  type: z.literal("result"),
  subtype: string,
  is_error: some(z.boolean()),
  api_error_status: some(z.number().nullable()),
  num_turns: count,
  result: string,
  structured_output: json,
  errors: some(z.array(z.string())),
  total_cost_usd: some(z.number().min(0)),
  usage: tokens,
  modelUsage: models,
  model_usage_since_last_result: models,
  permission_denials: some(z.array(z.object({ tool_name: string, tool_use_id: string, tool_input: json }))),
});
export type Result = z.infer<typeof result>;

const message = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("system"),
    subtype: string,
    /** Of `task_started` and `task_notification`. */
    task_id: string,
    task_type: string,
    /** Of `api_retry`. */
    attempt: number,
    max_retries: number,
    retry_delay_ms: number,
    error_status: some(z.number().nullable()),
    error: string,
  }),
  z.object({ type: z.literal("stream_event"), event, parent_tool_use_id: parent }),
  /** `error`: it is not the model that speaks, but Claude Code about the model's API. */
  z.object({ type: z.literal("assistant"), message: z.object({ id: string, content: blocks }), parent_tool_use_id: parent, error: string }),
  z.object({ type: z.literal("user"), message: z.object({ content: blocks }), parent_tool_use_id: parent, tool_use_result: json }),
  z.object({ type: z.literal("control_request"), request_id: z.string(), request: controlRequest }),
  z.object({ type: z.literal("rate_limit_event"), rate_limit_info: z.object({ status: string, resetsAt: number }) }),
  result,
]);
export type Message = z.infer<typeof message>;
export type Retry = Extract<Message, { type: "system" }>;

/** undefined for what is of no concern here. */
export const readMessage = (line: Json): Message | undefined => message.safeParse(line).data;
