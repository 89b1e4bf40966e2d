// What an agent is told when its part is to steer, and how its answer is read: leniently, because it may come as a sentence with
// JSON in it, and strictly in what it says.
import { type PartAnswer, partAnswers, type AnswerShape, type Json, parse, Refusal } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import type { PlanTask } from "./pattern.ts";
import { graphProblem } from "./step-graph.ts";

const shapes: Record<AnswerShape, string> = {
  split: '{"subtasks": [{"id": "…", "description": "…", "requirements": ["capability"], "needs": ["id of another subtask"]}]}',
  review: '{"accepted": true or false, "comment": "…", "revise": [{"id": "…", "feedback": "…"}]}',
  critique: '{"agreement": 0..1, "comment": "…", "revised": your contribution anew, if it changed}',
  verdict: '{"accepted": true or false, "reason": "…"}',
  items: '{"items": [ … ]}',
  plan: '{"steps": [{"id": "…", "description": "…", "requirements": ["capability"], "needs": ["id of an earlier step"]}], "reason": "…"}',
};
export const askFor = (shape: AnswerShape, task: PlanTask, what: string): string =>
  `${what}\n\nThe task: ${task.description}\n\nAnswer with JSON only: ${shapes[shape]}`;

export type Checked<T> = { ok: true; value: T } | { ok: false; problem: string };
/** @param hasCapability whether some agent has it: parts nobody could do are no answer. */
export function checkAnswer<S extends AnswerShape>(shape: S, output: Json, hasCapability: (key: string) => boolean): Checked<PartAnswer<S>> {
  const found = readObject(output, Object.keys(partAnswers[shape].shape));
  if (found === undefined) return { ok: false, problem: `It is not JSON of the form ${shapes[shape]}.` };
  try {
    const value = parse(partAnswers[shape], found, "answer") as PartAnswer<S>;
    const problem =
      "subtasks" in value ? piecesProblem(value.subtasks, hasCapability) : "steps" in value ? piecesProblem(value.steps, hasCapability) : undefined;
    return problem === undefined ? { ok: true, value } : { ok: false, problem };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, problem: `${error.message} Expected is ${shapes[shape]}.` };
  }
}
type Pieces = PartAnswer<"split">["subtasks"];
function piecesProblem(pieces: Pieces, hasCapability: (key: string) => boolean): string | undefined {
  const unknown = pieces.flatMap((piece) => piece.requirements).find((name) => !hasCapability(toCapabilityKey(name)));
  if (unknown !== undefined) return `No agent has the capability ${unknown}.`;
  return graphProblem(pieces.map((piece, at) => ({ id: idOf(piece, at), needs: piece.needs })));
}
export const idOf = (piece: Pieces[number], at: number): string => piece.id ?? `part-${at + 1}`;

/** The object with one of these keys: the output itself, one inside it, or JSON in its text. */
function readObject(output: Json, keys: readonly string[], depth = 0): Json | undefined {
  if (typeof output === "string") return readObject(readJson(output) ?? null, keys, depth + 1);
  if (typeof output !== "object" || output === null || depth > 3) return undefined;
  if (Array.isArray(output)) return keys[0] === "subtasks" || keys[0] === "items" || keys[0] === "steps" ? { [keys[0]]: output } : undefined;
  if (Object.hasOwn(output, keys[0] as string)) return output;
  for (const name of ["result", "output", "answer", "response", "content", "text", "message"]) {
    const inner = Object.hasOwn(output, name) ? readObject(output[name] as Json, keys, depth + 1) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}
/** JSON that is the text, stands in a fenced block of it, or from its first bracket to its last. */
export function readJson(text: string): Json | undefined {
  const fenced = /```(?:json)?[^\S\n]*\n([\s\S]*?)```/.exec(text)?.[1];
  const first = text.search(/[[{]/);
  const last = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  for (const part of [text, fenced, first >= 0 && last > first ? text.slice(first, last + 1) : undefined]) {
    if (part === undefined) continue;
    try {
      return JSON.parse(part) as Json;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
