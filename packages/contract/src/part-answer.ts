// What agents answer when their part is to steer: to split, review, criticise, judge, list or plan. Small JSON objects; other keys are
// allowed and ignored. Read leniently (also out of a sentence or a fenced block), sent back once when they do not fit.
import { z } from "zod";
import { MAX_ITEMS, MAX_PARTS } from "./coordination.ts";
import { id, json, label, text } from "./json.ts";

const words = text(20_000).optional();
const piece = z.object({
  id: id.optional(),
  title: label.optional(),
  description: text(20_000).min(1),
  /** Capabilities; only such as some agent has. */
  requirements: z.array(label).max(20).default([]),
  /** Ids of other pieces that must be done first. */
  needs: z.array(id).max(MAX_PARTS).default([]),
});
export type Piece = z.infer<typeof piece>;

export const partAnswers = {
  /** A coordinator's cut of the task into subtasks. */
  split: z.object({ subtasks: z.array(piece).min(1).max(MAX_PARTS) }),
  /** A coordinator's word on what came back: accepted, or what is to be done again and why. */
  review: z.object({
    accepted: z.boolean(),
    comment: words,
    revise: z
      .array(z.object({ id, feedback: text(20_000) }))
      .max(MAX_PARTS)
      .default([]),
  }),
  /** A participant's word on the others' contributions: how far it agrees, and its own contribution anew if it changed. */
  critique: z.object({ agreement: z.number().min(0).max(1), comment: words, revised: json.optional() }),
  /** A check of what another produced. */
  verdict: z.object({ accepted: z.boolean(), reason: words }),
  /** A pool of small pieces of work. */
  items: z.object({ items: z.array(json).min(1).max(MAX_ITEMS) }),
  /** Steps for a task. */
  plan: z.object({ steps: z.array(piece).min(1).max(MAX_PARTS), reason: words }),
} as const;
export type AnswerShape = keyof typeof partAnswers;
export type PartAnswer<S extends AnswerShape> = z.infer<(typeof partAnswers)[S]>;
