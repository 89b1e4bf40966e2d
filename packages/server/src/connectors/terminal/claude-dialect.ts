// Turns of Claude Code, told by its hooks: when it took the prompt, which tools it used, what it asks, and what it said at the end.
// Its screen is looked at for one thing alone: whether it stands still.
import type { Outcome, Permissions, Update } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { toApiFailure } from "../claude-api-failure.ts";
import { clipJson, diffsOfInput, fieldsOf, kindOfTool, titleOf, toPermissionRequest } from "../claude-tools.ts";
import { permit } from "../permit.ts";
import { fail } from "../time-limit.ts";
import type { AgentTerminal } from "./follow.ts";
import type { HookEvent } from "./claude-hooks.ts";
import type { Screen } from "./screen.ts";
import type { Dialect, Interrupting } from "./turn.ts";

/** What of a terminal's hooks a turn listens to; one turn at a time. */
export interface HookListener {
  onEvent(event: HookEvent): void;
}
/** While it works something moves on its screen. So long without, and without a question, nobody is at work: somebody broke it off. */
const STILL_MS = 20_000;
const SETTLED_MS = 250;
/** At its beginning these are no text to its prompt but a shell, a command, a memory or a file. */
const SPECIAL = /^\s*[!/#&@?\\]/;

export const claudeKeys = ({ clock, output, screen }: AgentTerminal): Interrupting => ({
  interrupt: ["Escape"],
  // Measured: 0.6 s on a busy machine.
  interruptMs: 1000,
  clear: () => (hasInput(screen()) ? ["C-c"] : []),
  stands: () => clock.now() - output.changedAt() > SETTLED_MS && !screen().lines.some((line) => line.includes("esc to interrupt")),
});
export function claudeDialect(terminal: AgentTerminal, permissions: Permissions | undefined, context: AttemptContext): Dialect & HookListener {
  const { clock, output } = terminal;
  const keys = claudeKeys(terminal);
  let taken = false;
  let end: Outcome | undefined;
  let asking = 0;
  /** What it asks for is one of its newest calls; which, its question does not say. */
  const calls: { key: string; callId: string }[] = [];
  async function ask(event: HookEvent): Promise<void> {
    asking++;
    const request = toPermissionRequest(toolOf(event), event.fields["tool_input"], undefined);
    const { allowed, why } = await permit(permissions, terminal.cwd, request, context);
    asking--;
    const callId = calls.findLast(({ key }) => key === keyOf(event))?.callId;
    if (!allowed && callId !== undefined) context.onUpdate({ kind: "tool", callId, status: "denied" });
    event.reply({
      hookSpecificOutput: {
        hookEventName: "PermissionRequest",
        decision: allowed ? { behavior: "allow" } : { behavior: "deny", message: `Not allowed: ${why}.` },
      },
    });
  }
  return {
    // A paste keeps its lines together. The blank at the end closes a list of suggestions, from which Enter would choose.
    toInput: (prompt) => `${SPECIAL.test(prompt) ? "Task: " : ""}${prompt.trim()} `,
    ...keys,
    wasTaken: () => taken,
    ending: () => {
      if (end === undefined && asking === 0 && clock.now() - output.changedAt() > STILL_MS)
        return fail(
          "agent_error",
          `It stopped without an answer; somebody may have broken it off. Its screen: ${terminal.screen().lines.join("\n").slice(-2000)}`,
        );
      return end;
    },
    stands: () => end !== undefined || keys.stands(),
    onEvent: (event) => {
      if (event.name === "UserPromptSubmit") taken = true;
      if (event.name === "PermissionRequest") void ask(event);
      // What an earlier turn still had to tell is not about this one.
      if (!taken) return;
      const update = toUpdate(event);
      if (event.name === "PreToolUse" && update?.kind === "tool") calls.splice(0, Math.max(0, calls.length - 20), { key: keyOf(event), callId: update.callId });
      if (update) context.onUpdate(update);
      if (end !== undefined) return;
      end = toEnd(event, clock.now());
      if (end?.ok === true && typeof end.output === "string" && end.output !== "") context.onUpdate({ kind: "text", text: end.output });
    },
  };
}

const keyOf = ({ fields }: HookEvent): string => JSON.stringify([fields["tool_name"], fields["tool_input"]]);
function toEnd({ name, fields }: HookEvent, now: number): Outcome | undefined {
  const said = typeof fields["last_assistant_message"] === "string" ? toStorableText(fields["last_assistant_message"]) : "";
  if (name === "Stop") return { ok: true, output: said };
  if (name !== "StopFailure") return undefined;
  const why = typeof fields["error"] === "string" ? fields["error"] : "unknown";
  const detail = said === "" ? `Its model did not answer: ${why}.` : said;
  return toApiFailure({ code: why, text: detail, now });
}
const toolOf = ({ fields }: HookEvent): string => (typeof fields["tool_name"] === "string" ? fields["tool_name"] : "a tool");
function toUpdate(event: HookEvent): Update | undefined {
  const { name, fields } = event;
  const tool = toolOf(event);
  const input = fieldsOf(fields["tool_input"]);
  const call = { kind: "tool", callId: typeof fields["tool_use_id"] === "string" ? fields["tool_use_id"].slice(0, 500) : tool } as const;
  if (name === "PreToolUse")
    return { ...call, title: titleOf(tool, input), toolKind: kindOfTool(tool), status: "running", input: clipJson(input), diffs: diffsOfInput(tool, input) };
  if (name === "PostToolUse") return { ...call, status: "completed" };
  return name === "PostToolUseFailure" ? { ...call, status: "failed" } : undefined;
}
/** Its prompt is the last line that begins with its mark. */
const hasInput = ({ lines }: Screen): boolean => /^[❯!]\s*\S/.test(lines.findLast((line) => /^[❯!]/.test(line)) ?? "");
