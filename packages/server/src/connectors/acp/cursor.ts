// What Cursor's agent asks of its client beside the protocol; it waits for the answers. By its documentation: not tried with the real one.
import { z } from "zod";
import type { Json, Update } from "@baton/contract";
import type { Answer, AttemptContext } from "../connector.ts";
import { clip, clipJson, toPlanUpdate } from "./to-update.ts";

const ASK_MS = 600_000;
const label = z.string().catch("");
const questions = z.object({
  title: z.string().optional().catch(undefined),
  questions: z.array(z.object({ id: z.string(), prompt: label, options: z.array(z.object({ id: z.string(), label })).catch([]) })).max(100),
});
type Question = z.infer<typeof questions>["questions"][number];
const plan = z.object({
  name: z.string().optional().catch(undefined),
  overview: z.string().optional().catch(undefined),
  plan: z.string().optional().catch(undefined),
});
const todos = z.object({ todos: z.array(z.object({ content: z.string(), status: z.string().optional().catch(undefined) })).max(500) });

/** Asks a person; by default of the attempt's own settings as long as for a permission. */
export type Ask = (kind: "permission" | "input", title: string, detail: Json) => Promise<Answer>;
export const toAsk =
  (context: AttemptContext, timeoutMs = ASK_MS): Ask =>
  (kind, title, detail) =>
    context.ask({ kind, title: clip(title, 3_000), detail: clipJson(detail), timeoutMs });

export async function answerQuestions(params: Json, ask: Ask): Promise<Json> {
  const asked = questions.safeParse(params);
  if (!asked.success || asked.data.questions.length === 0) return outcome("skipped", "The question could not be read.");
  const title = [asked.data.title, ...asked.data.questions.map((question) => question.prompt)].filter(Boolean).join(" ") || "The agent asks something.";
  const said = await ask("input", title, params);
  if (said.decision !== "approved") return said.decision === "ended" ? outcome("cancelled") : outcome("skipped", said.comment ?? "Nobody answered.");
  const comment = said.comment ?? "";
  const answers = asked.data.questions.map((question) => ({ questionId: question.id, selectedOptionIds: chosen(question, comment) }));
  // In words of a person's own that are none of the options: they are told as the reason, for there is no other place for them.
  if (answers.some((answer) => answer.selectedOptionIds.length === 0)) return outcome("skipped", comment === "" ? "No option was chosen." : comment);
  return { outcome: { outcome: "answered", answers } };
}
/** The options a person names, by their words or ids, separated by commas or line ends. */
function chosen(question: Question, comment: string): string[] {
  const words = comment.split(/[,\n]/).map((word) => word.trim().toLowerCase());
  return question.options
    .filter((option) => words.some((word) => word === option.id.toLowerCase() || word === option.label.trim().toLowerCase()))
    .map((option) => option.id);
}

export async function answerPlan(params: Json, ask: Ask): Promise<Json> {
  const told = plan.safeParse(params);
  const name = told.success ? (told.data.name ?? told.data.overview ?? "") : "";
  const said = await ask("permission", `Carry out the plan${name === "" ? "" : `: ${name}`}`, params);
  if (said.decision === "approved") return outcome("accepted");
  return said.decision === "ended" ? outcome("cancelled") : outcome("rejected", said.comment ?? "It was not approved.");
}

/** undefined: there is nothing to show. */
export function toTodoUpdate(params: Json): Update | undefined {
  const told = todos.safeParse(params);
  return told.success ? toPlanUpdate(told.data.todos) : undefined;
}

const outcome = (word: string, reason?: string): Json => ({ outcome: { outcome: word, ...(reason === undefined ? {} : { reason }) } });
