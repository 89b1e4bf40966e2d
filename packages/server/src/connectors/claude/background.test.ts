// When Claude Code, having answered, is done.
import { expect, test } from "vitest";
import { openBackground } from "./background.ts";
import { readMessage } from "./messages.ts";

/** What is expected after these lines. */
function after(...lines: { type: string; [field: string]: unknown }[]) {
  const background = openBackground();
  for (const line of lines) {
    const message = readMessage(line as Parameters<typeof readMessage>[0]);
    if (message !== undefined) background.take(message);
  }
  return { answered: background.isAnswered(), waitMs: background.waitMs() };
}
const started = (id: string, type: string) => ({ type: "system", subtype: "task_started", task_id: id, task_type: type });
const ended = (id: string) => ({ type: "system", subtype: "task_notification", task_id: id, status: "completed" });
const speaks = { type: "assistant", message: { content: [] } };
const result = { type: "result", subtype: "success" };

test("it is done with its result", () => expect(after(speaks, result)).toEqual({ answered: true, waitMs: 0 }));
test("it is not done before", () => expect(after(speaks)).toEqual({ answered: false, waitMs: undefined }));
test("it is not done while a helper works", () => expect(after(started("a", "local_agent"), result)).toEqual({ answered: false, waitMs: undefined }));
test("a command in the background is waited for, but not for ever", () =>
  expect(after(started("a", "local_bash"), result)).toEqual({ answered: true, waitMs: 60_000 }));
test("when a helper has ended, another turn is expected soon", () =>
  expect(after(started("a", "local_agent"), result, ended("a"))).toEqual({ answered: true, waitMs: 500 }));
test("another turn must end, too", () => expect(after(result, speaks)).toEqual({ answered: false, waitMs: undefined }));
