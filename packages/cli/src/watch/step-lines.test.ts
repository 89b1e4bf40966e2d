// The plan on a screen: true, and never wider or higher than the screen.
import type { Attempt } from "@baton/contract";
import pc from "picocolors";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { aStep, aTask } from "../tiny-server.fixture.ts";
import { planLines } from "./step-lines.ts";

const NOW = Date.parse("2026-01-02T03:04:10.000Z");
const view = (width: number, height = 50) => ({ width, height, paint: pc.createColors(false), now: NOW, frame: 0 });
const attempt = (given: Partial<Attempt> = {}): Attempt => ({
  id: "attempt-1",
  taskId: "task-1",
  stepId: "work",
  number: 1,
  fence: 1,
  agentId: "agent-1",
  state: "running",
  assignment: {
    agentId: "agent-1",
    agentName: "counter",
    score: 0.9,
    confidence: 0.9,
    reasons: ["It can count."],
    estimatedDurationMs: null,
    risks: [],
    alternatives: [],
    assignedAt: "2026-01-02T03:04:05.000Z",
    expectedCompletionAt: null,
  },
  progress: null,
  startedAt: "2026-01-02T03:04:05.000Z",
  endedAt: null,
  durationMs: null,
  outcome: null,
  ...given,
});
const running = (given: Partial<Attempt> = {}) => aStep({ status: "running", completedAt: null, attempts: [attempt(given)] });

describe("the plan of a task", () => {
  it("says who works on a step, how far it is and for how long", () => {
    const task = aTask({
      status: "executing",
      completedAt: null,
      stepsDone: 0,
      steps: [running({ number: 2, progress: { fraction: 0.4, message: "page 4 of 10" } })],
    });
    const [head, step] = planLines(task, view(100));
    expect(head).toBe("Count words  executing  0/1  5.0 s  Every step completed.");
    expect(step).toMatch(/^◐ work {2}running {4}counter · try 2 · 40 % · page 4 of 10 +5\.0 s$/);
  });
  it("says why the agent was chosen until the agent says something itself", () => {
    expect(planLines(aTask({ steps: [running()] }), view(100))[1]).toContain("counter · It can count.");
  });
  it("says why a step that nobody works on stands still", () => {
    const waiting = aStep({ id: "report", status: "waiting", reason: "Nobody here can write a report.", startedAt: null, completedAt: null });
    expect(planLines(aTask({ steps: [waiting] }), view(100))[1]).toBe("… report  waiting    Nobody here can write a report.");
  });
  it("says what the task waits for", () => {
    const task = aTask({ status: "waiting", waitingFor: { kind: "agent", detail: "somebody who can count" }, steps: [] });
    expect(planLines(task, view(100))[0]).toContain("agent: somebody who can count");
  });
  it.each([120, 80, 50, 40])("is never wider than %i columns", (width) => {
    const long = "数".repeat(80);
    const steps = [running({ progress: { message: long } }), aStep({ id: long, status: "waiting", reason: long })];
    const lines = planLines(aTask({ title: long, reason: long, completedAt: null, steps }), view(width));
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
  });
  it("shows what is most urgent, in the order of the plan, when it is higher than the screen", () => {
    const steps = [...Array.from({ length: 30 }, (_, index) => aStep({ id: `done-${index}` })), aStep({ id: "broken", status: "failed" }), running()];
    const lines = planLines(aTask({ steps }), view(80, 4));
    expect(lines).toHaveLength(5);
    expect(lines.slice(2)).toEqual([expect.stringContaining("broken"), expect.stringContaining("◐ work"), "  and 29 more"]);
  });
});
