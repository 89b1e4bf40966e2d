// A task watched on a screen: drawn in place until it ends, and the cursor given back.
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { runBaton } from "../program.ts";
import { openTerminal } from "../terminal.ts";
import { type TinyServer, aStep, aTask, anEvent, openTinyServer } from "../tiny-server.fixture.ts";

let server: TinyServer;
afterEach(() => server.close());

/** A screen that keeps what was written to it. */
function openScreen(environment: Record<string, string> = {}) {
  let written = "";
  const out = { isTTY: true, columns: 80, rows: 10, write: (text: string) => (written += text) };
  return { terminal: openTerminal(out, out, environment), written: () => written };
}
const executing = aTask({
  status: "executing",
  reason: "One step runs.",
  completedAt: null,
  stepsDone: 0,
  steps: [aStep({ status: "running", completedAt: null })],
});

/** The task executes until it was read `reads` times, then it is completed. */
async function serveTask(reads: number): Promise<string> {
  let read = 0;
  server = await openTinyServer({ "GET /api/v1/tasks/task-1": () => (++read <= reads ? executing : aTask()) }, [
    anEvent(1, "attempt.started"),
    anEvent(2, "task.completed"),
  ]);
  return server.url;
}

describe("a task watched on a screen", () => {
  it("is drawn, ends with its result, and gives the cursor back", async () => {
    const screen = openScreen();
    const url = await serveTask(1);
    expect(await runBaton(["tasks", "watch", "task-1", "--url", url], screen.terminal, new AbortController().signal)).toBe(0);
    expect(stripVTControlCharacters(screen.written())).toMatch(/✓ work {2}completed .*1\.5 s\ncompleted in 2\.0 s\n\n42 words\n$/);
    expect(screen.written().lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.written().lastIndexOf("\u001b[?25l"));
  });
  it("gives the cursor back when the watcher is stopped", async () => {
    const screen = openScreen();
    const url = await serveTask(Number.MAX_SAFE_INTEGER);
    const stop = new AbortController();
    const ended = runBaton(["tasks", "watch", "task-1", "--url", url], screen.terminal, stop.signal);
    await expect.poll(screen.written).toContain("One step runs.");
    stop.abort();
    expect(await ended).toBe(130);
    expect(screen.written().lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.written().lastIndexOf("\u001b[?25l"));
    expect(screen.written()).toContain("The task goes on.");
  });
  it("has colours, but not with NO_COLOR", async () => {
    const [coloured, bare] = [openScreen(), openScreen({ NO_COLOR: "1" })];
    const url = await serveTask(0);
    for (const { terminal } of [coloured, bare]) await runBaton(["tasks", "show", "task-1", "--url", url], terminal, new AbortController().signal);
    expect(coloured.written()).toContain("\u001b[32mcompleted");
    expect(bare.written()).not.toContain("\u001b");
  });
});
