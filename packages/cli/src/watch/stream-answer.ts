// Waits for a task and shows what its agents say while they say it: text as it comes, notes beside it; of agents that say nothing on the way, the result.
import type { Event, Json, Task } from "@baton/contract";
import type { Cli } from "../cli.ts";
import { plain, plainLines } from "../print/text.ts";

export async function streamAnswer(cli: Cli, taskId: string): Promise<Task> {
  const teller = openTeller(cli);
  const task = await cli.client.waitForTask(taskId, { signal: cli.signal, onEvent: teller.note });
  const said = await teller.end(task);
  if (!cli.json && !said && task.status === "completed") cli.terminal.out.write(`${plainLines(inText(task.result))}\n`);
  return task;
}
const toWords = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const inText = (result: Task["result"]): string => (typeof result === "string" ? result : JSON.stringify(result, null, 2));

/** Reads the updates of one attempt after another, in their order, whenever the log says that there are more. */
function openTeller(cli: Cli) {
  const { out } = cli.terminal;
  const read = new Map<string, number>();
  let reading: Promise<void> = Promise.resolve();
  let isWithinLine = false;
  const write = (text: string): void => {
    out.write(text);
    isWithinLine = !text.endsWith("\n");
  };
  const aside = (text: string): void => write(`${isWithinLine ? "\n" : ""}${cli.paint.dim(plain(text))}\n`);
  const spoke = new Set<string>();
  const tell = async (attemptId: string): Promise<void> => {
    const after = read.get(attemptId) ?? 0;
    const page = await cli.client.listAttemptUpdates({ params: { id: attemptId }, query: { after, limit: 500 }, signal: cli.signal });
    read.set(attemptId, Math.max(after, page.nextCursor));
    for (const { update } of page.items) {
      if (update.kind === "text") {
        spoke.add(attemptId);
        write(plainLines(update.text));
      } else if (update.kind === "note") aside(update.text);
      else if (update.kind === "tool" && update.title !== undefined) aside(`· ${update.title}`);
    }
    if (page.items.length === 500) await tell(attemptId);
  };
  const later = (work: () => Promise<void> | void): void => {
    reading = reading.then(work);
    // Whoever waits for the end is told; until then nobody is.
    reading.catch(() => undefined);
  };
  return {
    note: ({ type, attemptId, data }: Event): void => {
      if (cli.json) return;
      if (type === "attempt.started") later(() => aside(`${toWords(data["agentName"])}: ${toWords(data["reason"])}`));
      if (type === "attempt.updated" && attemptId !== null) later(() => tell(attemptId));
      if (type === "task.waiting") later(() => aside(toWords(data["detail"])));
    },
    /** @returns whether the last one to work on it spoke. */
    end: async (task: Task): Promise<boolean> => {
      const last = task.steps.flatMap((step) => step.attempts).at(-1);
      if (last && !cli.json) later(() => tell(last.id));
      await reading;
      if (isWithinLine) write("\n");
      return last !== undefined && spoke.has(last.id);
    },
  };
}
