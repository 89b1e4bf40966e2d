// A session: a conversation with a person, and its turns. (Not the session of a terminal, a login or a connection.)
import { z } from "zod";
import { id, instant, jsonObject, label, text } from "./json.ts";

export const turnRoles = ["user", "assistant", "system"] as const;
export type TurnRole = (typeof turnRoles)[number];

/** How much of it the next step's agent is told: at most so many of the last turns, and about so many tokens (four bytes each). */
export const sessionWindow = z.strictObject({
  turns: z.number().int().min(1).max(200).default(20),
  tokens: z.number().int().min(500).max(200_000).default(8000),
});
export const sessionInput = z.strictObject({
  id: id.optional(),
  title: label.optional(),
  /** Whose it is, and every task of it; those need not say so again. Default: the first of the caller's. */
  projectId: text(200).optional(),
  /** Who talks in it, to filter by. */
  userId: text(200).min(1).optional(),
  metadata: jsonObject.default({}),
  window: sessionWindow.prefault({}),
});
export type SessionInput = z.input<typeof sessionInput>;
export type ParsedSessionInput = z.output<typeof sessionInput>;
/** What is given takes the place of what was there. */
export const sessionPatch = z.strictObject({ title: label.nullable().optional(), metadata: jsonObject.optional(), window: sessionWindow.optional() });
export type SessionPatch = z.output<typeof sessionPatch>;

export const pin = z.object({ id: z.string(), content: z.string(), turn: z.number().int().nullable(), createdAt: instant });
export type Pin = z.infer<typeof pin>;
/** A fact in words, or a turn by its number. */
export const pinInput = z.union([z.strictObject({ content: text(4000).min(1) }), z.strictObject({ turn: z.number().int().min(1).max(2_147_483_647) })]);
export type PinInput = z.infer<typeof pinInput>;

export const summary = z.object({ text: z.string(), upTo: z.number().int(), at: instant });
export const session = z.object({
  id: z.string(),
  seq: z.number().int(),
  title: z.string().nullable(),
  projectId: z.string().nullable(),
  userId: z.string().nullable(),
  metadata: jsonObject,
  window: z.object({ turns: z.number().int(), tokens: z.number().int() }),
  status: z.enum(["active", "expired"]),
  /** Why it is so, in a sentence. */
  reason: z.string(),
  /** How many turns it has; the last one's number. */
  turns: z.number().int(),
  pins: z.array(pin),
  /** What stands for the turns up to `upTo`, once an agent has made it. */
  summary: summary.nullable(),
  /** Agents that hold this conversation themselves, newest first: the first is preferred for what comes next. */
  holders: z.array(z.object({ agentId: z.string(), at: instant })),
  createdAt: instant,
  lastActivityAt: instant,
});
export type Session = z.infer<typeof session>;
export const sessionSummary = session.omit({ pins: true, summary: true, holders: true });
export type SessionSummary = z.infer<typeof sessionSummary>;
export const sessionQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** `nextCursor` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
  userId: text(200).min(1).optional(),
  status: z.enum(["active", "expired"]).optional(),
});
export const sessionPage = z.object({ items: z.array(sessionSummary), nextCursor: z.number().int().nullable() });

export const turnInput = z.strictObject({
  role: z.enum(turnRoles).default("user"),
  content: text(100_000).min(1),
  /** The agent that said it, by id or name. */
  agentId: id.optional(),
  metadata: jsonObject.default({}),
});
export type ParsedTurnInput = z.output<typeof turnInput>;
export const sessionTurn = z.object({
  id: z.string(),
  /** Its number in the session, from 1 without gaps. */
  n: z.number().int(),
  role: z.enum(turnRoles),
  content: z.string(),
  agentId: z.string().nullable(),
  /** The task it was said for: a person's words, and what came of them. */
  taskId: z.string().nullable(),
  metadata: jsonObject,
  createdAt: instant,
});
export type SessionTurn = z.infer<typeof sessionTurn>;
export const turnsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** Turns with a greater number, the oldest of them. */
  after: z.coerce.number().int().min(0).optional(),
  /** Turns with a smaller number, the newest of them. Without either: the newest. */
  before: z.coerce.number().int().min(1).optional(),
});
/** In their order. `nextCursor`: for `after`. */
export const turnPage = z.object({ items: z.array(sessionTurn), nextCursor: z.number().int() });

/** What an agent is told of the conversation its work belongs to. */
export const sessionContext = z.object({
  sessionId: z.string(),
  pinned: z.array(z.string()),
  summary: z.string().nullable(),
  turns: z.array(z.object({ n: z.number().int(), role: z.enum(turnRoles), content: z.string(), agentId: z.string().nullable() })),
  /** Turns that neither stand here nor in the summary. */
  omitted: z.number().int(),
  /** All of it in words, for agents that read prose. */
  text: z.string(),
  /** For an agent that goes on with its own conversation: what was said since, in words; null when it has none. */
  since: z.string().nullable(),
});
export type SessionContext = z.infer<typeof sessionContext>;
export const contextPreview = sessionContext.extend({ approxTokens: z.number().int() });
export type ContextPreview = z.infer<typeof contextPreview>;
