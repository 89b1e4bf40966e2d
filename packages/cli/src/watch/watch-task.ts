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

/** @returns the exit code: whether the task completed */
export async function watchToEnd(cli: Cli, id: string, { events }: { events: boolean }): Promise<number> {
  try {
    const task = await follow(cli, id, events);
    if (!(cli.json && events)) show(cli, task, () => resultWords(task, cli.paint));
    return task.status === "completed" ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (cli.signal.aborted) throw new Interrupted(`The task goes on. See it again with: baton tasks watch ${id}`);
    throw error;
  }
}

function follow(cli: Cli, id: string, events: boolean): Promise<Task> {
  const { out } = cli.terminal;
  if (cli.json)
    return cli.client.waitForTask(id, { signal: cli.signal, ...(events ? { onEvent: (event: Event) => out.write(`${JSON.stringify(event)}\n`) } : {}) });
  if (out.isTTY) return followOnScreen(cli, id);
  return cli.client.waitForTask(id, { signal: cli.signal, onEvent: (event) => out.write(`${eventLine(event, cli.paint)}\n`) });
}

/** The plan is read again after events, at most once a frame, so that a thousand events cost no more than one. */
async function followOnScreen(cli: Cli, id: string): Promise<Task> {
  const { client, signal, paint } = cli;
  const { out } = cli.terminal;
  const screen = openLiveScreen(out);
  const plan = await openPlan(cli, id);
  let frame = 0;
  const draw = (task: Task) =>
    screen.draw(planLines(task, { width: widthOf(out), height: Math.max(3, (out.rows ?? 24) - 3), paint, now: Date.now(), frame: frame++ }));
  const timer = setInterval(() => {
    plan.refresh();
    draw(plan.task());
  }, FRAME_MS);
  try {
    const task = await client.waitForTask(id, { signal: AbortSignal.any([signal, plan.failed]), onEvent: () => plan.outdated() });
    draw(task);
    return task;
  } finally {
    clearInterval(timer);
    screen.close();
  }
}

/** The newest known plan, read again when it is outdated; `failed` when it can no longer be read. */
async function openPlan({ client, signal }: Cli, id: string) {
  let task = await client.getTask({ params: { id }, signal });
  let isOutdated = false;
  let isReading = false;
  const failure = new AbortController();
  const read = async () => {
    isOutdated = false;
    isReading = true;
    try {
      task = await client.getTask({ params: { id }, signal });
    } catch (error) {
      // The server may be back by the next frame; the stream of events waits for it in the same way.
      if (error instanceof Unreachable) isOutdated = true;
      else failure.abort(error);
    } finally {
      isReading = false;
    }
  };
  return {
    failed: failure.signal,
    task: () => task,
    outdated: () => {
      isOutdated = true;
    },
    refresh: () => {
      if (isOutdated && !isReading) void read();
    },
  };
}
