// What stands on an agent's terminal, as it changes, and a keyboard into it for those who may type. Loaded only where it is shown.
import type { Agent, TerminalScreen } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef, useState } from "react";
import { terminalQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Section } from "../ui/section.tsx";
import { CopyButton } from "../ui/snippet.tsx";
import { toTerminalInputs } from "./terminal-keys.ts";

const FONT = { least: 8, most: 13 };
/** Of the width of a letter to its size, in the fonts of terminals. */
const LETTER = 0.602;

export default function TerminalView({ agent }: { agent: Agent }) {
  const world = useWorld();
  const mayType = useMay("typeInTerminal");
  const { data: screen, error } = useQuery(terminalQuery(world, agent.id));
  const [typeError, setTypeError] = useState<unknown>(undefined);
  const frame = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal | undefined>(undefined);
  const { columns, rows } = agent.connector.kind === "terminal" ? agent.connector : { columns: 80, rows: 24 };
  const isAway = screen?.isRunning === false;
  useEffect(() => {
    // While it is hidden it has no width to fit, and its lines would have no height.
    if (frame.current === null || isAway) return undefined;
    const fontSize = Math.min(FONT.most, Math.max(FONT.least, Math.floor((frame.current.clientWidth - 24) / columns / LETTER)));
    const made = new Terminal({
      cols: columns,
      rows,
      fontSize,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono"),
      scrollback: 0,
      disableStdin: !mayType,
      theme,
    });
    made.open(frame.current);
    // Only now is a letter measured: lines for screen readers that were made before have no height.
    made.options.screenReaderMode = true;
    const shown = world.queries.getQueryData(terminalQuery(world, agent.id).queryKey);
    if (shown !== undefined) made.write(toFrame(shown));
    terminal.current = made;
    const typing = openTyping(async (input) => {
      const shown = await world.client().typeInTerminal({ params: { id: agent.id }, body: input });
      world.queries.setQueryData(terminalQuery(world, agent.id).queryKey, shown);
    }, setTypeError);
    const listening = made.onData(typing);
    return () => {
      listening.dispose();
      made.dispose();
      terminal.current = undefined;
    };
  }, [agent.id, columns, rows, mayType, isAway, world]);
  const start = useMutation({
    mutationFn: () => world.client().actOnAgent({ params: { id: agent.id }, body: { action: "start" } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["terminal", agent.id] }),
  });
  useEffect(() => {
    if (screen !== undefined) terminal.current?.write(toFrame(screen));
  }, [screen]);
  return (
    <Section
      title="Terminal"
      aside={
        <span className="flex items-center gap-2 text-sm text-soft">
          <span className={`size-2 rounded-full ${screen?.isRunning === true ? "bg-accent" : "bg-faint"}`} />
          {screen === undefined ? "looking" : screen.isRunning ? (mayType ? "click into it to type" : "only to look at") : "not running"}
          {screen?.isRunning === true && <CopyButton text={screen.attachCommand} what="the command that attaches to it" />}
        </span>
      }
    >
      {error && <ProblemNote error={error} isBesideData={screen !== undefined} />}
      {typeError === undefined ? null : <ProblemNote error={typeError} />}
      {start.error && <ProblemNote error={start.error} />}
      {isAway && (
        <Empty
          icon="terminal"
          title="It is not running"
          action={
            mayType && (
              <Button kind="main" disabled={start.isPending} onClick={() => start.mutate()}>
                Start it
              </Button>
            )
          }
        >
          It is started when it gets work, and ended after a while without any.
        </Empty>
      )}
      <section hidden={isAway} className="overflow-x-auto rounded-lg border border-line bg-[#0c0f10] p-3" aria-label={`Terminal of ${agent.name}`}>
        <div ref={frame} className="w-full min-w-max" />
      </section>
    </Section>
  );
}

const theme = { background: "#0c0f10", foreground: "#ebeeed", cursor: "#63cbc8", selectionBackground: "#27595a" };

/** The whole screen, line by line over what stood there; then the cursor. */
function toFrame({ lines, cursor }: TerminalScreen): string {
  const shown = lines.map((line) => `${line.replace(/\p{Cc}/gu, "")}\u001b[K`).join("\r\n");
  return `\u001b[?25l\u001b[H${shown}\u001b[J\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`;
}

/** Keys go one call after the other, in order; what is typed while one is under way goes together. */
function openTyping(send: (input: ReturnType<typeof toTerminalInputs>[number]) => Promise<void>, onError: (error: unknown) => void) {
  let waiting = "";
  let isSending = false;
  return async (typed: string): Promise<void> => {
    waiting += typed;
    if (isSending) return;
    isSending = true;
    try {
      while (waiting !== "") {
        const inputs = toTerminalInputs(waiting);
        waiting = "";
        for (const input of inputs) await send(input);
      }
      onError(undefined);
    } catch (error) {
      waiting = "";
      onError(error);
    } finally {
      isSending = false;
    }
  };
}
