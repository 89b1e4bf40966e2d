import { createClient } from "@baton/client";
import { type Event, Refusal, type Task } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import type { HttpServer } from "./http.ts";
import { openTestEvents, openTestHttp } from "./http.testkit.ts";

const opened: HttpServer[] = [];
afterEach(async () => {
  for (const http of opened.splice(0)) await http.close();
});

/** A server with one task, whose status the test sets, and a log that tells of it. */
async function openTask() {
  const events = openTestEvents();
  const task = { id: "t", status: "executing" as Task["status"] };
  const http = await openTestHttp({
    events,
    config: { checkAnswers: false },
    handlers: {
      getTask: async ({ params }) => {
        if (params.id !== task.id) throw new Refusal("not_found", `There is no task ${params.id}.`);
        return { answer: task as Task };
      },
      listTaskEvents: async ({ query }) => ({ answer: await events.list({ ...query, taskId: "t" }) }),
    },
  });
  opened.push(http);
  const append = (type: Event["type"], taskId = "t") => events.append({ type, taskId });
  return { client: createClient({ url: http.address }), events, task, append };
}

test("waiting ends with the task once it has ended, and every event is told once", async () => {
  const { client, events, task, append } = await openTask();
  append("task.submitted");
  const told: string[] = [];
  const waiting = client.waitForTask("t", { onEvent: ({ seq, type }) => told.push(`${seq} ${type}`) });
  await expect.poll(() => told.length).toBe(1);
  append("task.completed", "another");
  task.status = "completed";
  append("task.completed");
  expect(await waiting).toMatchObject({ id: "t", status: "completed" });
  expect(told).toEqual(["1 task.submitted", "3 task.completed"]);
  await expect.poll(() => events.followers).toBe(0);
});

test("a task that had ended before is told of from its beginning", async () => {
  const { client, task, append } = await openTask();
  append("task.submitted");
  append("task.failed");
  task.status = "failed";
  const told: string[] = [];
  expect(await client.waitForTask("t", { onEvent: ({ type }) => told.push(type) })).toMatchObject({ status: "failed" });
  expect(told).toEqual(["task.submitted", "task.failed"]);
});

test("a failure that was retried since does not end the wait", async () => {
  const { client, task, append } = await openTask();
  append("task.failed");
  append("task.retried");
  const told: string[] = [];
  const waiting = client.waitForTask("t", { onEvent: ({ type }) => told.push(type) });
  await expect.poll(() => told.length).toBe(2);
  task.status = "cancelled";
  append("task.cancelled");
  expect(await waiting).toMatchObject({ status: "cancelled" });
});

test("a task that does not exist is not waited for", async () => {
  const { client } = await openTask();
  await expect(client.waitForTask("nobody")).rejects.toMatchObject({ code: "not_found" });
});

test("who gives up waiting gets the reason and leaves nothing behind", async () => {
  const { client, events } = await openTask();
  const giveUp = new AbortController();
  const waiting = client.waitForTask("t", { signal: giveUp.signal });
  const rejected = expect(waiting).rejects.toThrow("enough");
  await expect.poll(() => events.followers).toBe(1);
  giveUp.abort(new Error("enough"));
  await rejected;
  await expect.poll(() => events.followers).toBe(0);
});
