import type { Event } from "@baton/contract";
import { expect, test } from "vitest";
import { affectedBy } from "./affected.ts";

const event = (more: Partial<Event>): Event => ({
  seq: 1,
  at: "2026-01-01T00:00:00.000Z",
  type: "task.submitted",
  taskId: null,
  stepId: null,
  attemptId: null,
  agentId: null,
  data: {},
  ...more,
});

test("progress of an attempt touches only the task it belongs to", () => {
  const keys = affectedBy(event({ type: "attempt.progressed", taskId: "t", agentId: "a" }));
  expect(keys).toEqual([
    ["task", "t"],
    ["task-events", "t"],
  ]);
});

test("an attempt that ended touches its task, the lists, the agents, the budgets, the work trees and the counts", () => {
  const keys = affectedBy(event({ type: "attempt.completed", taskId: "t", agentId: "a" }));
  expect(keys.map((key) => key[0])).toEqual(["task", "task-events", "tasks", "agents", "agent", "agent-attempts", "budgets", "workspaces", "system"]);
});

test("what an attempt tells touches only what was told of it", () => {
  expect(affectedBy(event({ type: "attempt.updated", taskId: "t", attemptId: "x" }))).toEqual([["updates", "x"]]);
});

test("a question touches the questions and its task", () => {
  expect(affectedBy(event({ type: "approval.opened", taskId: "t" })).map((key) => key[0])).toEqual(["approvals", "task", "task-events"]);
});

test("what is remembered of an answer touches what is remembered", () => {
  expect(affectedBy(event({ type: "approval.remembered", agentId: "a" }))).toEqual([["approval-rules"]]);
});

test("what is said in a conversation touches the conversations and the task it was said for", () => {
  expect(affectedBy(event({ type: "session.turn_added", taskId: "t" })).map((key) => key[0])).toEqual(["sessions", "task", "task-events"]);
});

test("a message touches the messages alone", () => {
  expect(affectedBy(event({ type: "message.sent", agentId: "a" }))).toEqual([["messages"]]);
});

test("what becomes of a work tree or a checkpoint touches the work trees alone", () => {
  for (const type of ["workspace.rolled_back", "checkpoint.created"] as const)
    expect(affectedBy(event({ type, taskId: "t", agentId: "a" }))).toEqual([["workspaces"]]);
});

test("work trees that get into each other's way touch the conflicts alone", () => {
  expect(affectedBy(event({ type: "conflict.detected" }))).toEqual([["conflicts"]]);
});

test("an agent's own events leave the tasks alone", () => {
  expect(affectedBy(event({ type: "agent.paused", agentId: "a" })).map((key) => key[0])).toEqual(["agents", "agent", "agent-attempts", "system"]);
});
