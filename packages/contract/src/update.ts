// An update: what an agent does and says while it works on an attempt, in the order it came. Kept with the attempt up to a bound; the
// log only says that there are new ones (`attempt.updated`).
import { z } from "zod";
import { instant, json, text } from "./json.ts";

export const toolKinds = ["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"] as const;
export type ToolKind = (typeof toolKinds)[number];
export const diff = z.object({ path: z.string().max(4000), oldText: z.string().max(200_000).nullable(), newText: z.string().max(200_000) });
export const amount = z.object({ amount: z.number().min(0), currency: z.string().max(10) });
const tokens = z.number().int().min(0).nullable();
/** A count as an agent tells it, who may miscount or lie: what is no number is unknown, and no reason to lose its work. Whether it can be true is judged with the attempt. */
export const toldCount = z.number().nullable().catch(null);

const words = [
  /** A piece of the answer; pieces that follow each other are one text. */
  z.object({ kind: z.literal("text"), text: text(1_000_000) }),
  /** A piece of what the agent thinks aloud. */
  z.object({ kind: z.literal("thought"), text: text(1_000_000) }),
  /** A tool call begins, goes on or ends: the newest of one `callId` says how it stands. What is left out is as it was. */
  z.object({
    kind: z.literal("tool"),
    callId: z.string().max(500),
    title: z.string().max(4000).optional(),
    toolKind: z.enum(toolKinds).optional(),
    status: z.enum(["pending", "running", "completed", "failed", "denied"]).optional(),
    input: json.optional(),
    output: z.string().max(200_000).optional(),
    diffs: z.array(diff).max(200).optional(),
  }),
  /** The agent's own plan, whole each time. */
  z.object({
    kind: z.literal("plan"),
    entries: z.array(z.object({ text: z.string().max(4000), status: z.enum(["pending", "running", "completed"]) })).max(500),
  }),
  /** Raw output of a terminal, escape sequences included. */
  z.object({ kind: z.literal("terminal"), text: text(1_000_000) }),
  /** What Baton itself has to say of the attempt: a conversation that could not be resumed, a permission that was denied by rule. */
  z.object({ kind: z.literal("note"), text: text(4000) }),
] as const;
/** What this attempt has used so far, all of it together; null: unknown. */
const used = z.object({ kind: z.literal("usage"), inputTokens: tokens, outputTokens: tokens, cost: amount.nullable() });
export const update = z.discriminatedUnion("kind", [...words, used]);
export type Update = z.infer<typeof update>;
/** As an agent tells it: figures that cannot be do not take the rest with them. */
export const toldUpdate = z.discriminatedUnion("kind", [
  ...words,
  used.extend({ inputTokens: toldCount, outputTokens: toldCount, cost: z.object({ amount: z.number(), currency: z.string() }).nullable().catch(null) }),
]);

/** `n` counts from 1 within the attempt, without gaps. */
export const keptUpdate = z.object({ n: z.number().int(), at: instant, update });
export type KeptUpdate = z.infer<typeof keptUpdate>;
export const updatesQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(500).default(100) });
export const updatePage = z.object({ items: z.array(keptUpdate), nextCursor: z.number().int() });
