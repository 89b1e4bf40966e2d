import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { toNotice } from "./push.ts";

const event = (type: Event["type"], data: Event["data"]): Event => ({
  seq: 7,
  at: "2026-01-01T00:00:00.000Z",
  type,
  taskId: "t",
  stepId: null,
  attemptId: null,
  agentId: null,
  data,
});

test("people are told of questions, failures and conflicts, where each leads, and of nothing else", () => {
  const told = [
    event("approval.opened", { title: "coder wants to run make" }),
    event("task.failed", { detail: "it was too late" }),
    event("conflict.detected", { files: ["a.ts", "b.ts"] }),
    ...(["task.completed", "attempt.failed", "approval.decided"] as const).map((type) => event(type, {})),
  ].map((one) => toNotice(one, "Deploy"));
  expect(told).toEqual([
    { title: "A question waits for you", body: "coder wants to run make", url: "/inbox", tag: "event-7" },
    { title: "A task failed", body: "Deploy: it was too late", url: "/tasks/t", tag: "event-7" },
    { title: "Two work trees overlap", body: "a.ts, b.ts", url: "/workspaces", tag: "event-7" },
    undefined,
    undefined,
    undefined,
  ]);
});
