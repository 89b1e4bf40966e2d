// Baton: a task with these steps, handed in through the server's own door and awaited through the log, as a client would. Always durable.
import { importBuilt } from "../baton/built.mjs";
import { startBaton } from "../baton/start.mjs";

export async function open(place, { steps }) {
  const { submitTask } = await importBuilt();
  let begun = () => undefined;
  const baton = await startBaton(place, () => begun());
  const { world } = baton;
  const planned = steps.map(({ id, needs }) => ({ id, description: "Do nothing.", requirements: ["noop"], needs }));
  return {
    settings: "submitTask() with the steps, awaited by following the log; one agent, one server; committed step by step",
    async carryOut(onStep) {
      begun = onStep;
      const after = await world.events.last();
      const { id } = await submitTask(world, { description: "Go through a graph.", steps: planned });
      await untilEnded(world.events, id, after);
    },
    close: () => baton.stop(),
  };
}

async function untilEnded(events, taskId, after) {
  for await (const batch of events.follow({ after, filter: { taskId }, signal: new AbortController().signal }))
    for (const { type } of batch) {
      if (type === "task.completed") return;
      if (type === "task.failed") throw new Error(`Task ${taskId} failed`);
    }
}
