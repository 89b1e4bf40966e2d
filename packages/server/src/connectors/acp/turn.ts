// One turn of an agent, as it comes: what it says is told and gathered, its calls of tools are remembered for the permissions they ask, its figures are kept.
//
// The answer is all the text of the turn, with an empty line where something came between: an agent may say what was asked for first and "Done." last.
import type { AttemptContext } from "../connector.ts";
import { MAX_ANSWER_BYTES } from "../agent-text.ts";
import { type Failure, fail } from "../time-limit.ts";
import { type Prompted, type SessionUpdate, type Tokens, type ToolCall, usage } from "./messages.ts";
import type { Quirks } from "./quirks.ts";
import { costOf, type Money, type Told, usageOf } from "./spent.ts";
import { clip, textOf, toPlanUpdate, toToolUpdate } from "./to-update.ts";

const MAX_CALLS = 1_000;
const MAX_MESSAGE = 4_000;

export interface Turn {
  take(update: SessionUpdate): void;
  /** The prompt is sent: what comes from now on is news. Before, it is what a conversation that is loaded again was. @param before what that had cost, if known. */
  begin(before: Money | undefined): void;
  /** What was told of a call before it asked for leave. */
  knownCall(callId: string): ToolCall | undefined;
  /** A call was refused: what the agent calls failed is that. */
  deny(call: ToolCall, title: string): void;
  answer(): string;
  /** The last piece of what it said when that tells that the model's API failed. */
  errorText(prompted: Prompted): string | undefined;
  /** Titles of what was refused. */
  denied(): readonly string[];
  /** Its figures; after the turn with the answer to the prompt. */
  figures(prompted: Prompted | undefined): Told;
  /** Whether anything was told before the prompt, as it is of a conversation that goes on. */
  replayed(): boolean;
  /** The newest cost that was told in the turn, whatever it adds up. */
  cost(): Money | undefined;
}

export function openTurn(context: AttemptContext, quirks: Quirks, tooMuch: (failure: Failure) => void): Turn {
  const known = new Map<string, ToolCall>();
  const denied = new Map<string, string>();
  const calls: Tokens[] = [];
  const pieces: string[] = [];
  let live = false;
  let replayed = false;
  let bytes = 0;
  let apart = false;
  let lastMessage: string | null | undefined;
  let last = "";
  let usedTools = false;
  let cost: Money | undefined;
  let costBefore: Money | undefined;

  const figures = (prompted: Prompted | undefined): Told => ({ prompted, calls, cost, costBefore, usedTools });
  const tellFigures = (): void => {
    const told = figures(undefined);
    const [counted, spent] = [usageOf(told, quirks), costOf(told, quirks)];
    if (counted !== undefined || spent !== undefined)
      context.onUpdate({ kind: "usage", inputTokens: counted?.inputTokens ?? null, outputTokens: counted?.outputTokens ?? null, cost: spent ?? null });
  };
  const bounded = (text: string): boolean => {
    bytes += Buffer.byteLength(text);
    if (bytes > MAX_ANSWER_BYTES) tooMuch(fail("limit", `It said more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB.`));
    return bytes <= MAX_ANSWER_BYTES;
  };
  const takeText = (said: Extract<SessionUpdate, { sessionUpdate: "agent_message_chunk" }>): void => {
    const counted = usage.safeParse(said["_meta"]?.["usage"]);
    if (counted.success && typeof counted.data.inputTokens === "number" && calls.length < MAX_CALLS) {
      calls.push(counted.data);
      tellFigures();
    }
    const text = textOf(said.content);
    if (text === "" || !bounded(text)) return;
    if (quirks.aside?.test(text)) return context.onProgress({ message: clip(text, MAX_MESSAGE) });
    if (said.messageId && lastMessage && said.messageId !== lastMessage) apart = true;
    lastMessage = said.messageId;
    const gap = apart && pieces.length > 0 ? "\n\n" : "";
    last = text;
    apart = false;
    pieces.push(gap + text);
    context.onUpdate({ kind: "text", text: gap + text });
  };
  const takeCall = (call: ToolCall): void => {
    apart = true;
    usedTools = true;
    remember(call);
    const update = toToolUpdate(call);
    if (update.status === "failed" && denied.has(call.toolCallId)) update.status = "denied";
    context.onUpdate(update);
    if (update.title !== undefined && update.status !== "completed" && update.status !== "failed") context.onProgress({ message: update.title });
  };
  const remember = (call: ToolCall): void => {
    const before = known.get(call.toolCallId);
    const news = Object.entries(call).filter(([, value]) => value !== null && value !== undefined);
    known.delete(call.toolCallId);
    known.set(call.toolCallId, { ...before, ...Object.fromEntries(news), toolCallId: call.toolCallId });
    const [oldest] = known.keys();
    if (known.size > MAX_CALLS && oldest !== undefined) known.delete(oldest);
  };
  const takePlan = (entries: Extract<SessionUpdate, { sessionUpdate: "plan" }>["entries"]): void => {
    apart = true;
    const plan = toPlanUpdate(entries);
    context.onUpdate(plan);
    if (plan.entries.length === 0) return;
    const done = plan.entries.filter((entry) => entry.status === "completed").length;
    const now = plan.entries.find((entry) => entry.status === "running")?.text;
    context.onProgress({ fraction: done / plan.entries.length, ...(now === undefined ? {} : { message: now }) });
  };

  return {
    take: (update) => {
      if (update.sessionUpdate === "usage_update") {
        cost = update.cost ?? cost;
        if (live && update.cost) tellFigures();
        return;
      }
      if (!live) {
        replayed = true;
        return;
      }
      switch (update.sessionUpdate) {
        case "agent_message_chunk":
          return takeText(update);
        case "agent_thought_chunk": {
          apart = true;
          const thought = textOf(update.content);
          if (thought !== "" && bounded(thought)) context.onUpdate({ kind: "thought", text: thought });
          return;
        }
        case "tool_call":
        case "tool_call_update":
          return takeCall(update);
        case "plan":
          return takePlan(update.entries);
        case "notice":
          return context.onProgress({ message: clip([update.title, update.description].filter(Boolean).join(": "), MAX_MESSAGE) });
      }
    },
    begin: (before) => {
      live = true;
      costBefore = cost ?? before;
      cost = undefined;
    },
    knownCall: (callId) => known.get(callId),
    deny: (call, title) => {
      denied.set(call.toolCallId, title);
      context.onUpdate({ kind: "tool", callId: call.toolCallId.slice(0, 500), title, status: "denied" });
    },
    answer: () => pieces.join(""),
    errorText: (prompted) => {
      const failed = quirks.errorText?.test(last) || (quirks.countsSuccess && usageOf(figures(prompted), quirks) === undefined);
      return failed ? last.trim() || "It ended without an answer, and without a call of its model." : undefined;
    },
    denied: () => [...denied.values()],
    figures,
    cost: () => cost,
    replayed: () => replayed,
  };
}
