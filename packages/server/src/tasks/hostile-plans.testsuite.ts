// Agents that steer, and answer what no plan can be made of, or too much of it: every task ends, with a plan or with what was wrong.
import type { Json } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { growingServers, typeOf } from "./growing.testkit.ts";
import { done, type OpenStore } from "./tasks.testkit.ts";

const piece = (id: string, ...needs: string[]) => ({ id, description: `Do ${id}.`, needs });
const many = (n: number, of: (at: number) => Json): Json[] => Array.from({ length: n }, (_, at) => of(at));

/** What an agent with `planning` answers, twice, and the steps that come of it; null: the requirements give the plan. */
const plans: [string, Json, string[] | null][] = [
  ["steps called like the one that made them, and like what that is called then", { steps: [piece("plan"), piece("plan-1", "plan")] }, ["plan-2", "plan-1"]],
  ["a step that needs another twice", { steps: [piece("a"), piece("b", "a", "a")] }, ["a", "b"]],
  ["steps without ids beside one that is called as they would be", { steps: [{ description: "x" }, piece("part-1")] }, null],
  ["a circle", { steps: [piece("a", "b"), piece("b", "a")] }, null],
  ["a step that needs itself", { steps: [piece("a", "a")] }, null],
  ["a capability nobody has", { steps: [{ ...piece("a"), requirements: ["flying"] }] }, null],
  ["a thousand steps", { steps: many(1000, (at) => piece(`s${at}`)) }, null],
  ["no steps", { steps: [] }, null],
  ["steps within steps", { steps: [{ ...piece("a"), steps: many(100, (at) => piece(`s${at}`)) }] }, ["a"]],
  ["names that are code", { steps: [piece("__proto__"), piece("constructor", "__proto__")] }, ["__proto__", "constructor"]],
  ["names of every script", { steps: [piece("ü-Schritt"), piece("步骤", "ü-Schritt")] }, ["ü-Schritt", "步骤"]],
];

export function testHostilePlans(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`what those who steer may answer on ${store}`, () => {
    const start = growingServers(freshStore);

    test.each(plans)("a plan with %s", async (_, answer, steps) => {
      const server = await start((work) => done(typeOf(work) === "planning" ? answer : work.stepId), { any: { capabilities: ["planning", "writing"] } });
      const task = await server.until(await server.submit({ description: "Go.", planning: "agent", requirements: ["writing"] }), "completed", "failed");
      expect([task.status, task.failure]).toEqual(["completed", null]);
      expect(task.steps.slice(1).map(({ id, status }) => [id, status])).toEqual((steps ?? ["part-1"]).map((id) => [id, "completed"]));
    });

    test.each<[string, Json, number]>([
      ["parts that need another twice", { subtasks: [piece("a"), piece("b", "a", "a")] }, 2],
      ["parts called like what steers", { subtasks: [piece("split"), piece("review-1", "split"), piece("combine", "review-1")] }, 3],
      ["more parts than there may be", { subtasks: many(1000, (at) => piece(`s${at}`)) }, 1],
      ["parts that are split again", { subtasks: [{ ...piece("a"), subtasks: [piece("b")] }] }, 1],
    ])("a split into %s", async (_, answer, parts) => {
      const script = (type: unknown): Json => (type === "task_decomposition" ? answer : type === "review" ? { accepted: true } : "done");
      const server = await start((work) => done(script(typeOf(work))), { lead: { role: "coordinator" }, other: {} });
      const task = await server.until(await server.submit({ description: "Go.", pattern: "hierarchical" }), "completed", "failed");
      expect([task.status, task.failure]).toEqual(["completed", null]);
      expect(task.steps.filter(({ id }) => id.startsWith("work-")).length).toBe(parts);
    });

    test("a coordinator that never accepts and always names what is not there ends after its rounds", async () => {
      const split = { subtasks: [piece("a"), piece("b")] };
      const review = { accepted: false, revise: [{ id: "nobody", feedback: "again" }] };
      const script = (type: unknown): Json => (type === "task_decomposition" ? split : type === "review" ? review : "done");
      const server = await start((work) => done(script(typeOf(work))), { lead: { role: "coordinator" }, other: {} });
      const task = await server.until(await server.submit({ description: "Go.", pattern: "hierarchical", coordination: { rounds: 3 } }), "completed", "failed");
      expect([task.status, task.steps.filter(({ id }) => id.startsWith("review-")).length]).toEqual(["completed", 4]);
    });

    test.each<[string, Json, string]>([
      ["as many items as there may be, each of which fails once", { items: many(800, (at) => at) }, "failed"],
      ["more items than there may be", { items: many(801, (at) => at) }, "completed"],
      ["no items", { items: [] }, "completed"],
    ])("a swarm that finds %s", async (_, answer, status) => {
      const script = (type: unknown, description: string): Json => (description.startsWith("List") ? answer : { type: String(type) });
      const server = await start(
        (work) =>
          work.stepId.startsWith("item-") && status === "failed"
            ? { ok: false, kind: "agent_error", detail: "no" }
            : done(script(typeOf(work), work.description)),
        { any: {}, other: {} },
      );
      const task = await server.until(await server.submit({ description: "Go.", pattern: "swarm" }), "completed", "failed");
      expect(task.status).toBe(status);
      if (status === "failed") expect(task.failure?.detail).toMatch(/items were done|1000 is the most/);
    });
  });
}
