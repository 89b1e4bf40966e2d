// Turns of a line-by-line program, seen on its screen: it takes a line when the cursor leaves it, and has answered when it stands at its
// prompt again and the screen rests.
import type { Outcome } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import type { AgentTerminal } from "./agent-terminal.ts";
import { isAtPrompt, type Screen } from "./screen.ts";
import { type Dialect, pause } from "./turn.ts";

/** A screen that has not changed for so long rests. */
const REST_MS = 120;
const TELL_MS = 250;

export async function plainDialect(terminal: AgentTerminal, ready: string, context: AttemptContext): Promise<Dialect> {
  const { clock } = terminal;
  const before = await terminal.screen();
  const start = before ? before.first + before.cursor.row : 0;
  let last = "";
  let changedAt = clock.now();
  let toldAt = 0;
  let told = 0;
  const lineOf = (screen: Screen): number => screen.first + screen.cursor.row;
  const said = async (): Promise<string[]> => (await terminal.linesSince(start)).slice(1);
  async function tell(screen: Screen): Promise<void> {
    if (clock.now() - toldAt < TELL_MS) return;
    toldAt = clock.now();
    const lines = await said();
    // The line the cursor stands in may still grow.
    const whole = screen.cursor.column === 0 ? lines.length : lines.length - 1;
    const news = lines.slice(told, whole);
    told = Math.max(told, whole);
    if (news.length > 0) context.onUpdate({ kind: "terminal", text: toStorableText(`${news.join("\n")}\n`) });
  }
  return {
    // Each line end would be the end of the prompt.
    toInput: (prompt) => prompt.trim().replace(/\s*\n\s*/g, " "),
    interrupt: ["C-c"],
    wasTaken: async (ms) => {
      const until = clock.now() + ms;
      while (clock.now() < until) {
        const screen = await terminal.screen();
        if (!screen || screen.isDead) return true; // Whatever it took, it is over.
        // The line it was typed on is left, be it that it was as long as the screen is wide.
        const typed = (await terminal.linesSince(start)).length;
        if (lineOf(screen) > start && typed > 1) return true;
        if (lineOf(screen) > start && screen.cursor.column === 0) return true;
        await pause(30);
      }
      return false;
    },
    ending: async (screen): Promise<Outcome | undefined> => {
      const now = `${screen.first}\n${screen.cursor.row}\n${screen.lines.join("\n")}`;
      if (now !== last) {
        last = now;
        changedAt = clock.now();
      }
      await tell(screen);
      if (lineOf(screen) <= start || !isAtPrompt(screen, ready) || clock.now() - changedAt < REST_MS) return undefined;
      const lines = await said();
      const answer = toStorableText(lines.slice(0, -1).join("\n").trim());
      return { ok: true, output: answer };
    },
  };
}
