import type { Update } from "@baton/contract";
import { expect, test } from "vitest";
import { toStory } from "./update-story.ts";

test("what an agent told is one text, one line a call, and the newest plan and usage", () => {
  const updates: Update[] = [
    { kind: "text", text: "Hel" },
    { kind: "text", text: "lo" },
    { kind: "plan", entries: [] },
    { kind: "tool", callId: "1", title: "ls", status: "running" },
    { kind: "usage", inputTokens: 1, outputTokens: 1, cost: null },
    { kind: "tool", callId: "1", status: "completed", output: "a" },
    { kind: "plan", entries: [{ text: "done", status: "completed" }] },
    { kind: "usage", inputTokens: 2, outputTokens: 2, cost: null },
    { kind: "note", text: "one" },
    { kind: "note", text: "two" },
  ];
  expect(toStory(updates)).toEqual([
    { kind: "text", text: "Hello" },
    { kind: "tool", callId: "1", title: "ls", status: "completed", output: "a" },
    { kind: "plan", entries: [{ text: "done", status: "completed" }] },
    { kind: "usage", inputTokens: 2, outputTokens: 2, cost: null },
    { kind: "note", text: "one" },
    { kind: "note", text: "two" },
  ]);
});
