// A coding CLI in a terminal of its own that lives between attempts, in tmux: Baton types, a person can attach, watch and type too.
import { z } from "zod";
import { milliseconds, text } from "./json.ts";
import { permissions } from "./permission.ts";

export const terminalDialects = ["claude", "copilot", "plain"] as const;
export const terminalConnector = z.strictObject({
  kind: z.literal("terminal"),
  command: text(4000).min(1),
  args: z.array(text(8000)).max(200).default([]),
  /** Absolute. Default: the repository of the first task it works on when that is a directory here, else a directory of its own. */
  cwd: text(4000).optional(),
  /**
   * How its turns are observed. `claude`: by the hooks of Claude Code, which say when a prompt was taken, what it asks and what it answered.
   * `copilot`: by the events that GitHub Copilot writes down; its questions are answered where it asks them, on its screen.
   * `plain`: by its screen, on which `ready` stands when it waits for input.
   */
  dialect: z.enum(terminalDialects).default("plain"),
  /** What the last line of the screen ends with when it waits for input, such as `> `; trailing spaces do not count. Needed for `plain`. */
  ready: text(200).optional(),
  /**
   * With `plain`, the line that ends a turn, blanks at its end left out: `*` stands for anything, `{status}` for a number. Another status than 0
   * makes what was said a failure. A shell whose prompt begins with `[exit $?]` and a line end has `[exit {status}]`.
   */
  done: text(200).min(1).optional(),
  permissions: permissions.optional(),
  /** It is ended after so long without work; 0: never. */
  idleMs: milliseconds.max(7 * 86_400_000).default(900_000),
  columns: z.number().int().min(40).max(500).default(200),
  rows: z.number().int().min(10).max(200).default(50),
});
export type TerminalConnector = z.infer<typeof terminalConnector>;

/** What stands on an agent's terminal now, as a person would see it. */
export const terminalScreen = z.object({
  isRunning: z.boolean(),
  /** Lines without the spaces at their ends. */
  lines: z.array(z.string()),
  cursor: z.object({ row: z.number().int(), column: z.number().int() }),
  /** To be run on the machine where the agent lives. */
  attachCommand: z.string(),
});
export type TerminalScreen = z.infer<typeof terminalScreen>;
export const terminalInput = z.strictObject({
  /** Typed as it is. */
  text: text(20_000).optional(),
  /** Keys by tmux's names, after the text. */
  keys: z
    .array(z.enum(["Enter", "Escape", "Tab", "BSpace", "Up", "Down", "Left", "Right", "C-c", "C-d", "Space"]))
    .max(50)
    .default([]),
});
