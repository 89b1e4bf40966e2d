// Turns of GitHub Copilot in its terminal: its events tell when it took the prompt, what it does, asks and answers, and what that took. What it
// asks is answered where it asks, in the box on its screen: only when that is the box of this question, and by the answer under the mark.
import type { Outcome, Permissions } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import { clip, clipJson, fieldsOf } from "../claude-tools.ts";
import type { AttemptContext } from "../connector.ts";
import { permit, type PermissionRequest } from "../permit.ts";
import { readQuota } from "../quota-words.ts";
import { type Failure, fail } from "../time-limit.ts";
import type { HookListener } from "./claude-dialect.ts";
import type { HookEvent } from "./claude-hooks.ts";
import { answerDialog, choose, dismiss, type Seat } from "./copilot-answer.ts";
import { type Dialog, dialogOf, isIdle, isSame, yesOf } from "./copilot-dialog.ts";
import { kindOfCopilotTool, toCopilotRequest } from "./copilot-request.ts";
import type { Dialect, Interrupting } from "./turn.ts";

type Usage = NonNullable<Outcome["usage"]>;
const REST_MS = 300;
/** A box that nothing was told about stands for this long before it is taken for a question. */
const UNTOLD_MS = 2000;

export const copilotKeys = ({ terminal: { screen, clock, output } }: Pick<Seat, "terminal">): Interrupting => ({
  // Once may only clear what is typed.
  interrupt: ["Escape", "Escape"],
  // Measured: up to 1.4 s on a busy machine. One that is ended goes on with its conversation in another terminal.
  interruptMs: 1400,
  clear: () => [],
  stands: () => isIdle(screen().lines) && clock.now() - output.changedAt() > REST_MS,
});

export function copilotDialect(seat: Seat, permissions: Permissions | undefined, context: AttemptContext): Dialect & HookListener {
  const { terminal } = seat;
  const { clock, output } = terminal;
  let taken = false;
  let answer = "";
  let failure: Failure | undefined;
  let aborted = false;
  let usage: Usage | undefined;
  let asking = 0;
  let untold: { dialog: Dialog; since: number } | undefined;
  const denied: string[] = [];
  const completed = new Set<string>();
  let line: Promise<void> = Promise.resolve();
  /** One after the other, as it shows them. */
  function inLine(work: () => Promise<void>): void {
    asking++;
    line = line
      .then(work)
      .catch((error: unknown) => {
        failure ??= fail("unavailable", error instanceof Error ? error.message : String(error));
      })
      .finally(() => asking--);
  }
  async function decide(request: PermissionRequest): Promise<boolean> {
    const { allowed, why } = await permit(permissions, terminal.cwd, request, context);
    if (!allowed) denied.push(`${request.title} (${why})`);
    return allowed;
  }
  async function ask(event: HookEvent): Promise<void> {
    const request = toCopilotRequest(event.fields);
    if (completed.has(request.requestId)) return;
    const allowed = await decide(request);
    if (!allowed && request.callId !== undefined) context.onUpdate({ kind: "tool", callId: request.callId, status: "denied" });
    await answerDialog(seat, request.signs, allowed, () => completed.has(request.requestId));
  }
  /** It asks something that its events do not tell. */
  async function askUntold(dialog: Dialog): Promise<void> {
    if (!isSame(dialog, dialogOf(terminal.screen().lines))) return;
    const words = `${dialog.title}: ${dialog.text}`;
    if (yesOf(dialog) < 0) {
      await dismiss(seat, dialog);
      failure ??= fail("agent_error", `It asks what only a person at its terminal can answer. ${words} ${dialog.options.join(" / ")}`);
      return;
    }
    const request = { toolKind: "other", paths: [], title: clip(words.replaceAll(/\s+/g, " "), 500), detail: clipJson({ ...dialog }) } as const;
    const allowed = await decide(request);
    await (allowed ? choose(seat, dialog, yesOf(dialog)) : dismiss(seat, dialog));
  }
  function noticeUntold(dialog: Dialog): void {
    if (untold === undefined || !isSame(untold.dialog, dialog)) untold = { dialog, since: clock.now() };
    else if (clock.now() - untold.since > UNTOLD_MS) {
      untold = undefined;
      inLine(() => askUntold(dialog));
    }
  }
  const end = (): Outcome => {
    const refused = denied.length === 0 ? "" : ` It was refused: ${denied.slice(0, 10).join(", ")}.`;
    if (failure) return failure;
    if (aborted) return fail("agent_error", `It stopped without finishing.${refused}${answer === "" ? "" : ` It said last: ${answer.slice(-1000)}`}`);
    return answer === "" && refused !== "" ? fail("agent_error", `It ended without an answer.${refused}`) : { ok: true, output: answer };
  };
  return {
    toInput: (prompt) => `${/^\s*[!/#&@?\\]/.test(prompt) ? "Task: " : ""}${prompt.trim()} `,
    ...copilotKeys(seat),
    wasTaken: () => taken,
    ending: (screen) => {
      if (!taken || asking > 0) return undefined;
      const dialog = dialogOf(screen.lines);
      if (dialog) noticeUntold(dialog);
      if (!isIdle(screen.lines) || clock.now() - output.changedAt() < REST_MS) return undefined;
      return usage === undefined ? end() : { ...end(), usage };
    },
    onEvent: (event) => {
      const { name, fields } = event;
      if (name === "user.message") taken = true;
      // What an earlier turn still had to tell is not about this one.
      if (!taken) return;
      if (name === "permission.requested") inLine(() => ask(event));
      if (name === "permission.completed" && typeof fields["requestId"] === "string") completed.add(fields["requestId"]);
      if (name === "session.usage_record") usage = plus(usage, fieldsOf(fields["usage"]));
      if (name === "abort") aborted = true;
      if (name === "session.error") failure = toFailure(textOf(fields["message"]), clock.now());
      const callId = textOf(fields["toolCallId"]).slice(0, 500);
      const input = fieldsOf(fields["arguments"]);
      if (name === "tool.execution_start") {
        const tool = textOf(fields["toolName"]);
        const about = textOf(input["path"]) || textOf(input["command"]);
        const title = clip(about === "" ? tool : `${tool}: ${about.replaceAll(/\s+/g, " ")}`, 500);
        context.onUpdate({ kind: "tool", callId, title, toolKind: kindOfCopilotTool(tool), status: "running", input: clipJson(input) });
      }
      if (name === "tool.execution_complete" && fieldsOf(fields["error"])["code"] !== "rejected")
        context.onUpdate({ kind: "tool", callId, status: fields["success"] === true ? "completed" : "failed" });
      if (name === "assistant.message" && textOf(fields["content"]).trim() !== "") {
        answer = toStorableText(textOf(fields["content"]));
        context.onUpdate({ kind: "text", text: answer });
      }
    },
  };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
/** One count that is missing, or cannot be, makes its sum unknown for good. */
function plus(before: Usage | undefined, told: Readonly<Record<string, unknown>>): Usage {
  const sum = (name: "inputTokens" | "outputTokens"): number | null => {
    const one = told[name];
    const old = before === undefined ? 0 : before[name];
    return typeof one !== "number" || !Number.isSafeInteger(one) || one < 0 || old === null ? null : old + one;
  };
  return { inputTokens: sum("inputTokens"), outputTokens: sum("outputTokens") };
}
function toFailure(text: string, now: number): Failure {
  const quota = readQuota(text, { now });
  if (quota !== undefined) return { ok: false, kind: "quota", detail: toStorableText(text), ...quota };
  return fail(/\b(5\d\d|fetch failed|econn\w+|enotfound|etimedout)\b/i.test(text) ? "unavailable" : "agent_error", text);
}
