// Shows a task until it ends: on a screen its plan, drawn again as it changes; in a pipe one line per event.
import { Unreachable } from "@baton/client";
import type { Event, Task } from "@baton/contract";
import { type Cli, show } from "../cli.ts";
import { EXIT, Interrupted } from "../exit.ts";
import { widthOf } from "../terminal.ts";
import { eventLine } from "./event-line.ts";
import { openLiveScreen } from "./live-screen.ts";
import { resultWords } from "./result-words.ts";
import { planLines } from "./step-lines.ts";

const FRAME_MS = 150;

/** How the task is waited for; it tells of every event on the way. */
export type Wait = (onEvent: (event: Event) => void, signal: AbortSignal) => Promise<Task>;

/** @returns the exit code: whether the task completed */
export async function watchToEnd(cli: Cli, id: string, { events }: { events: boolean }): Promise<number> {
  try {
    const task = await watch(cli, (onEvent, signal) => cli.client.waitForTask(id, { signal, onEvent }), { events });
    if (!(cli.json && events)) show(cli, task, () => resultWords(task, cli.paint));
    return task.status === "completed" ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (cli.signal.aborted) throw new Interrupted(`The task goes on. See it again with: baton tasks watch ${id}`);
    throw error;
  }
}

/** Shows what happens while a task is waited for. `events`: also to a program, one document a line. */
export function watch(cli: Cli, wait: Wait, { events }: { events: boolean }): Promise<Task> {
  const { out } = cli.terminal;
  const tell = (line: string) => void out.write(`${line}\n`);
  if (cli.json) return wait((event) => (events ? tell(JSON.stringify(event)) : undefined), cli.signal);
  return out.isTTY ? watchOnScreen(cli, wait) : wait((event) => tell(eventLine(event, cli.paint, { inTask: true })), cli.signal);
}

/** The plan is read again after events, at most once a frame, so that a thousand events cost no more than one. */
async function watchOnScreen(cli: Cli, wait: Wait): Promise<Task> {
  const { out } = cli.terminal;
  const screen = openLiveScreen(out);
  const plan = openPlan(cli);
  let frame = 0;
  const draw = (task: Task | undefined) => {
    if (task !== undefined)
      screen.draw(planLines(task, { width: widthOf(out), height: Math.max(3, (out.rows ?? 24) - 3), paint: cli.paint, now: Date.now(), frame: frame++ }));
  };
  const timer = setInterval(() => {
    plan.refresh();
    draw(plan.task());
  }, FRAME_MS);
  try {
    const task = await wait(({ taskId }) => plan.outdated(taskId), AbortSignal.any([cli.signal, plan.failed]));
    draw(task);
    return task;
  } finally {
    clearInterval(timer);
    screen.close();
  }
}

/** The newest known plan, read again when it is outdated; `failed` when it can no longer be read. */
function openPlan({ client, signal }: Cli) {
  let id: string | null = null;
  let task: Task | undefined;
  let isReading = false;
  const failure = new AbortController();
  const read = async (wanted: string) => {
    id = null;
    isReading = true;
    try {
      task = await client.getTask({ params: { id: wanted }, signal });
    } catch (error) {
      // The server may be back by the next frame; the stream of events waits for it in the same way.
      if (error instanceof Unreachable) id ??= wanted;
      else failure.abort(error);
    } finally {
      isReading = false;
    }
  };
  return {
    failed: failure.signal,
    task: () => task,
    outdated: (taskId: string | null) => {
      id = taskId ?? id;
    },
    refresh: () => {
      if (id !== null && !isReading) void read(id);
    },
  };
}
