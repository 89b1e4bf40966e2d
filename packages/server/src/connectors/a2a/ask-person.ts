// An agent's task that waits for somebody to say something: a person is asked, and what he says is the agent's answer.
import { TaskState } from "@a2a-js/sdk";
import type { AttemptContext } from "../connector.ts";
import { type Failure, fail } from "../time-limit.ts";
import { toText, toValue } from "./parts.ts";
import type { TaskView } from "./task-view.ts";

/** A conversation without end is none. */
export const MAX_QUESTIONS = 20;
const ASK_MS = 600_000;
const MAX_TITLE = 300;

export async function askPerson(view: TaskView, context: AttemptContext): Promise<{ ok: true; text: string } | Failure> {
  const parts = view.statusMessage()?.parts ?? [];
  const needsLogin = view.state() === TaskState.TASK_STATE_AUTH_REQUIRED;
  const said = toText(parts) || (needsLogin ? "It does not say for what." : "It does not say what.");
  const title = `${needsLogin ? "The agent has to be authorised: " : ""}${said}`.slice(0, MAX_TITLE).toWellFormed();
  const detail = { question: said, said: toValue(parts, toText) ?? null, authorisation: needsLogin };
  const { decision, comment } = await context.ask({ kind: "input", title, detail, timeoutMs: ASK_MS });
  if (decision === "approved") return { ok: true, text: comment || "Approved." };
  const why = { rejected: `a person refused to answer${comment ? `: ${comment}` : ""}`, expired: "nobody answered in time", ended: "the attempt is ending" };
  return fail("agent_error", `The agent asked "${title}", and ${why[decision]}.`);
}
