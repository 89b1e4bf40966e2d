// What the agent remembers, in a real file: over a restart, in order, and for one agent at a time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Task, TaskState } from "@a2a-js/sdk";
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { expect, onTestFinished, test, vi } from "vitest";
import { openMemory } from "./memory.mjs";

function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "graph-memory-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "state", "memory.db");
}
const metadata = (step: number) => ({ source: "loop" as const, step, parents: {} });
const at = (thread_id?: string, checkpoint_id?: string) => ({
  configurable: { ...(thread_id && { thread_id }), checkpoint_ns: "", ...(checkpoint_id && { checkpoint_id }) },
});
async function collect<T>(items: AsyncGenerator<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("what a stage came to, and what was written meanwhile, is there after a restart, in order", async () => {
  const file = makeFile();
  const before = openMemory(file);
  const first = await before.saver.put(at("work"), { ...emptyCheckpoint(), id: uuid6(0), channel_values: { goal: "x" } }, metadata(0));
  const second = await before.saver.put(first, { ...emptyCheckpoint(), id: uuid6(1), channel_values: { goal: "y" } }, metadata(1));
  await before.saver.putWrites(second, [["b", 1]], "task-2", "~2");
  await before.saver.putWrites(second, [["a", { deep: [1] }]], "task-1", "~1");
  // Said again, as when a run is cut off between a stage and its end.
  await before.saver.putWrites(second, [["a", "other"]], "task-1", "~1");
  before.close();

  const { saver, close } = openMemory(file);
  onTestFinished(close);
  const newest = await saver.getTuple(at("work"));
  expect(newest).toMatchObject({
    config: second,
    parentConfig: first,
    checkpoint: { channel_values: { goal: "y" } },
    pendingWrites: [
      ["task-1", "a", { deep: [1] }],
      ["task-2", "b", 1],
    ],
  });
  expect((await saver.getTuple(first))?.checkpoint.channel_values).toEqual({ goal: "x" });
  expect(await saver.getTuple(at("other"))).toBeUndefined();
  await saver.deleteThread("work");
  expect(await saver.getTuple(at("work"))).toBeUndefined();
});

test("checkpoints are listed newest first, as far as they are asked for", async () => {
  const { saver, close } = openMemory(":memory:");
  onTestFinished(close);
  for (const thread of ["one", "two"]) for (const step of [0, 1, 2]) await saver.put(at(thread), { ...emptyCheckpoint(), id: uuid6(step) }, metadata(step));
  const steps = async (...asked: Parameters<typeof saver.list>) => (await collect(saver.list(...asked))).map((tuple) => tuple.metadata?.step);
  expect(await steps(at("one"))).toEqual([2, 1, 0]);
  expect(await steps(at("one"), { limit: 1 })).toEqual([2]);
  expect(await steps(at("one"), { filter: { step: 1 } })).toEqual([1]);
  const [, middle] = await collect(saver.list(at("one")));
  expect(await steps(at("one"), { before: middle?.config ?? {} })).toEqual([0]);
  expect(await steps({})).toHaveLength(6);
  await expect(saver.put({}, emptyCheckpoint(), metadata(0))).rejects.toThrow("needs its thread_id");
  await expect(saver.putWrites(at("one"), [], "task")).rejects.toThrow("needs its checkpoint_id");
});

test("tasks that nobody ended are found again, and what is older than a week is forgotten", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2030-01-01") });
  onTestFinished(() => void vi.useRealTimers());
  const file = makeFile();
  const before = openMemory(file);
  const task = (id: string, state: TaskState) => Task.fromJSON({ id, contextId: "talk", status: { state } });
  await before.tasks.save(task("open", TaskState.TASK_STATE_WORKING));
  await before.tasks.save(task("done", TaskState.TASK_STATE_COMPLETED));
  before.turns.add("talk", "work", { request: "Which?", answer: "x".repeat(9000) });
  await before.saver.put(at("work"), emptyCheckpoint(), metadata(0));
  expect(before.tasks.unfinished().map(({ id }) => id)).toEqual(["open"]);
  expect(before.turns.of("talk")).toEqual([{ request: "Which?", answer: "x".repeat(4000) }]);
  before.close();

  vi.setSystemTime(new Date("2030-01-09"));
  const after = openMemory(file);
  onTestFinished(after.close);
  expect([after.tasks.unfinished(), after.turns.of("talk"), await after.saver.getTuple(at("work"))]).toEqual([[], [], undefined]);
});

test("a second agent is refused the same file", () => {
  const file = makeFile();
  const { close } = openMemory(file);
  onTestFinished(close);
  expect(() => openMemory(file)).toThrow("Another agent has");
});
