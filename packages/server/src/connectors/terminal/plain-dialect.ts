// Turns of a line-by-line program, seen on its screen: it takes a line when the cursor leaves it, and has answered when it stands at its
// prompt again and the screen rests.
import type { Outcome, TerminalConnector } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import { fail } from "../time-limit.ts";
import type { AgentTerminal } from "./follow.ts";
import { toLinePattern } from "./line-pattern.ts";
import { isAtPrompt, type Screen } from "./screen.ts";
import type { Dialect, Interrupting } from "./turn.ts";

/** A screen that has not changed for so long rests. */
const REST_MS = 120;
/** The terminal itself leaves a line at each Enter; a program that did not take it is back on it by then. */
const LEFT_MS = 80;

export const plainKeys = (terminal: AgentTerminal, ready: string): Interrupting => ({
  interrupt: ["C-c"],
  interruptMs: 600,
  clear: () => [],
  stands: () => isAtPrompt(terminal.screen(), ready),
});
export function plainDialect(terminal: AgentTerminal, { ready = "", done }: Pick<TerminalConnector, "ready" | "done">): Dialect {
  const isEnd = done === undefined ? undefined : toLinePattern(done);
  const { clock, output } = terminal;
  terminal.forget();
  const before = terminal.screen();
  const start = before.first + before.cursor.row;
  let leftAt: number | undefined;
  const lineOf = (screen: Screen): number => screen.first + screen.cursor.row;
  const said = (): string[] => terminal.linesSince(start).slice(1);
  return {
    // Each line end would be the end of the prompt.
    toInput: (prompt) => prompt.trim().replace(/\s*\n\s*/g, " "),
    ...plainKeys(terminal, ready),
    wasTaken: () => {
      const screen = terminal.screen();
      // The line it was typed on is left, be it that it was as long as the screen is wide.
      const hasLeft = lineOf(screen) > start && (terminal.linesSince(start).length > 1 || screen.cursor.column === 0);
      leftAt = hasLeft ? (leftAt ?? clock.now()) : undefined;
      return leftAt !== undefined && clock.now() - leftAt >= LEFT_MS;
    },
    ending: (screen): Outcome | undefined => {
      if (lineOf(screen) <= start || !isAtPrompt(screen, ready) || clock.now() - output.changedAt() < REST_MS) return undefined;
      const lines = said().slice(0, -1);
      const at = isEnd === undefined ? -1 : lines.findLastIndex((line) => isEnd(line) !== undefined);
      // Without the line that ends a turn it stands at its prompt for another reason, such as a line that goes on.
      if (isEnd !== undefined && at < 0) return undefined;
      const text = toStorableText((at < 0 ? lines : lines.slice(0, at)).join("\n").trim());
      const status = isEnd?.(lines[at] ?? "")?.status ?? 0;
      return status === 0 ? { ok: true, output: text } : fail("agent_error", text === "" ? `It ended with status ${status}.` : text);
    },
  };
}
