import { expect, test } from "vitest";
import { aBudget, aConflict, aTask, anAgent } from "../stage/nouns.fixture.ts";
import { type Known, MOST_LISTED, toAlerts } from "./to-alerts.ts";

const now = Date.parse("2026-05-02T12:00:00Z");
const nothing: Known = {
  budgets: undefined,
  parked: undefined,
  unhealthy: undefined,
  refused: undefined,
  conflicts: undefined,
  messages: undefined,
  failed: undefined,
  waiting: undefined,
};
const pageOf = <T>(items: T[], total = items.length) => ({ items, total, limit: 50, offset: 0 });
const aFailed = (id: string, completedAt: string) =>
  aTask(id, { title: `Task ${id}`, status: "failed", completedAt, failure: { kind: "agent_error", detail: "it broke", stepId: null } });

test("where all is well there is nothing to look at", () => {
  const calm = { ...nothing, budgets: pageOf([aBudget()]), messages: { queued: 3, handed: 1, deadLetters: 0, recipients: 1, stages: [] }, failed: pageOf([]) };
  expect(toAlerts(calm, now)).toEqual([]);
  expect(toAlerts(nothing, now)).toEqual([]);
});

test("one failed task leads to it, several to their list, and those of the day before are history", () => {
  const old = aFailed("old", "2026-05-01T09:00:00Z");
  const one = toAlerts({ ...nothing, failed: pageOf([aFailed("a", "2026-05-02T11:00:00Z"), old]) }, now);
  expect(one).toMatchObject([{ tone: "bad", title: "A task failed", detail: "Task a: it broke", to: { params: { taskId: "a" } } }]);
  const many = Array.from({ length: MOST_LISTED }, (_, n) => aFailed(`t${n}`, "2026-05-02T11:00:00Z"));
  expect(toAlerts({ ...nothing, failed: pageOf(many, 90) }, now)).toMatchObject([
    { title: "20+ tasks failed since yesterday", to: { search: { show: "failed" } } },
  ]);
  expect(toAlerts({ ...nothing, failed: pageOf([old]) }, now)).toEqual([]);
});

test("work trees that overlap are named by their branches, and counted when there are several", () => {
  const conflicts = (n: number) => pageOf(Array.from({ length: n }, (_, at) => aConflict({ id: `c${at}` })));
  expect(toAlerts({ ...nothing, conflicts: conflicts(1) }, now)).toMatchObject([
    {
      tone: "wait",
      title: "Two work trees overlap",
      detail: "baton/one and baton/two: Both changed the same lines of a.txt (line 3).",
      to: { to: "/workspaces" },
    },
  ]);
  expect(toAlerts({ ...nothing, conflicts: conflicts(3) }, now)).toMatchObject([{ title: "3 pairs of work trees overlap" }]);
});

test("what stopped stands before what only waits", () => {
  const titles = toAlerts(
    {
      ...nothing,
      messages: { queued: 0, handed: 0, deadLetters: 2, recipients: 0, stages: [] },
      parked: pageOf([anAgent({ name: "coder" })]),
      budgets: pageOf([aBudget({ name: "week", state: "warned" }), aBudget({ name: "day", state: "stopped" })]),
    },
    now,
  ).map(({ title }) => title);
  expect(titles).toEqual(["The budget day is used up", "The budget week is near its end", "coder is parked", "2 messages reached nobody"]);
});
