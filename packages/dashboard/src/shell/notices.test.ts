import type { Event } from "@baton/contract";
import { expect, test } from "vitest";
import { toNotice } from "./notices.ts";

const event = (type: Event["type"], data: Event["data"]): Event => ({
  seq: 1,
  at: "2026-01-01T00:00:00.000Z",
  type,
  taskId: "t",
  stepId: null,
  attemptId: null,
  agentId: null,
  data,
});

test("a question that waits is told with its words, and leads to the inbox", () => {
  expect(toNotice(event("approval.opened", { title: "coder wants to run make" }))).toEqual({
    title: "A question waits for you",
    body: "coder wants to run make",
    url: "/inbox",
  });
});

test("a task that failed is told with the reason, and leads to the task", () => {
  expect(toNotice(event("task.failed", { detail: "it was too late" }))).toEqual({ title: "A task failed", body: "it was too late", url: "/tasks/t" });
});

test("nobody is disturbed by anything else", () => {
  expect([event("task.completed", {}), event("attempt.failed", {}), event("approval.decided", {})].map(toNotice)).toEqual([undefined, undefined, undefined]);
});
