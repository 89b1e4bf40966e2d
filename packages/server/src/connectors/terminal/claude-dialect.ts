// Turns of Claude Code, told by its hooks: when it took the prompt, which tools it used, what it asks, and what it said at the end.
import type { Json, Outcome, Permissions, ToolKind } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import { permit } from "../permit.ts";
import type { AgentTerminal } from "./agent-terminal.ts";
import type { HookEvent } from "./claude-hooks.ts";
import { type Dialect, pause } from "./turn.ts";

/** What of a terminal's hooks a turn listens to; one turn at a time. */
export interface HookListener {
  onEvent(event: HookEvent): void;
}
const KINDS: Record<string, ToolKind> = {
  Read: "read",
  NotebookRead: "read",
  LS: "read",
  Edit: "edit",
  MultiEdit: "edit",
  Write: "edit",
  NotebookEdit: "edit",
  Glob: "search",
  Grep: "search",
  Bash: "execute",
  WebFetch: "fetch",
  WebSearch: "fetch",
  Task: "think",
  TodoWrite: "think",
};

export function claudeDialect(terminal: AgentTerminal, permissions: Permissions | undefined, context: AttemptContext): Dialect & HookListener {
  const { clock } = terminal;
  let taken = false;
  let answer: string | undefined;
  let calls = 0;
  let current = "";
  async function onPermission(event: HookEvent): Promise<void> {
    const { name, input } = toolOf(event);
    const request = { toolKind: KINDS[name] ?? ("other" as const), paths: pathsOf(input), title: titleOf(name, input), detail: { tool: name, input } };
    const { allowed, why } = await permit(permissions, terminal.cwd, request, context);
    const decision: Json = allowed ? { behavior: "allow" } : { behavior: "deny", message: `Not allowed: ${why}.` };
    event.reply({ hookSpecificOutput: { hookEventName: "PermissionRequest", decision } });
    if (!allowed) context.onUpdate({ kind: "tool", callId: current, status: "denied" });
  }
  return {
    // A paste keeps its lines together.
    toInput: (prompt) => prompt,
    interrupt: ["Escape"],
    wasTaken: async (ms) => {
      const until = clock.now() + ms;
      while (!taken && clock.now() < until) await pause(30);
      return taken;
    },
    ending: async (): Promise<Outcome | undefined> => (answer === undefined ? undefined : { ok: true, output: toStorableText(answer) }),
    onEvent: (event) => {
      if (event.name === "UserPromptSubmit") taken = true;
      if (!taken) return;
      if (event.name === "PreToolUse") {
        const { name, input } = toolOf(event);
        current = typeof event.fields["tool_use_id"] === "string" ? event.fields["tool_use_id"] : `call-${++calls}`;
        context.onUpdate({ kind: "tool", callId: current, title: titleOf(name, input), toolKind: KINDS[name] ?? "other", status: "running", input });
      }
      if (event.name === "PostToolUse") context.onUpdate({ kind: "tool", callId: current, status: "completed" });
      if (event.name === "PermissionRequest") void onPermission(event);
      if (event.name !== "Stop") return;
      const said = event.fields["last_assistant_message"];
      answer = typeof said === "string" ? said : "";
      if (answer !== "") context.onUpdate({ kind: "text", text: toStorableText(answer) });
    },
  };
}

function toolOf({ fields }: HookEvent): { name: string; input: { [key: string]: Json } } {
  const { tool_name: name, tool_input: input } = fields;
  return { name: typeof name === "string" ? name : "a tool", input: typeof input === "object" && input !== null && !Array.isArray(input) ? input : {} };
}
const pathsOf = (input: { [key: string]: Json }): string[] =>
  [input["file_path"], input["notebook_path"], input["path"]].filter((path) => typeof path === "string");
const titleOf = (name: string, input: { [key: string]: Json }): string => {
  const about = [input["command"], ...pathsOf(input), input["pattern"], input["url"]].find((value) => typeof value === "string");
  return `${name}${typeof about === "string" ? `: ${about.slice(0, 500)}` : ""}`;
};
