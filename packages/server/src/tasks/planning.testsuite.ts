// Plans that grow, held against every store: what they add is carried out, what fails or hangs does not hold them, nothing grows twice.
import { parse, stepInput, taskInput } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { sql } from "../store/sql.ts";
import { growingServers, typeOf } from "./growing.testkit.ts";
import { cancelTask, decidePlan, getTask, pauseTask, previewTask, resumeTask, retryTask, submitTask } from "./tasks.ts";
import { done, type OpenStore, type Script, untilAborted } from "./tasks.testkit.ts";

export function testPlanning(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`plans on ${store}`, () => {
    const start = growingServers(freshStore);

    test("an agent plans a task: its plan is checked, sent back once, and carried out", async () => {
      const told: (string | undefined)[] = [];
      const script: Script = (work) => {
        if (typeOf(work) !== "planning") return done(`${work.description} with ${JSON.stringify(work.input)}`);
        told.push(work.feedback);
        const needs = told.length === 1 ? ["nowhere"] : ["draw"];
        return done({
          steps: [
            { id: "draw", description: "Draw", requirements: ["painting"] },
            { id: "show", description: "Show", needs },
          ],
        });
      };
      const server = await start(script, { thinker: { capabilities: ["planning"] }, painter: { capabilities: ["painting"] } });
      const task = await server.until(await server.submit({ description: "A picture.", planning: "agent", payload: "blue" }), "completed");
      expect(told).toEqual([undefined, "show needs nowhere, which is not there."]);
      expect(task.steps.map((step) => [step.id, step.needs])).toEqual([
        ["plan", []],
        ["draw", ["plan"]],
        ["show", ["draw"]],
      ]);
      expect(task.result).toBe('Show with {"draw":"Draw with \\"blue\\""}');
    });

    test("where no plan comes of an agent the requirements give it, and the task says so", async () => {
      const script: Script = (work) => done(typeOf(work) === "planning" ? "I have no plan." : work.requirements.join());
      const server = await start(script, { thinker: { capabilities: ["planning"] }, a: { capabilities: ["writing"] }, b: { capabilities: ["painting"] } });
      const given = { description: "Go.", planning: "agent", requirements: ["writing", "painting"] };
      const task = await server.until(await server.submit(given), "completed");
      expect(task.coordination?.growth[0]?.why).toMatch(/plan could not be used.*requirements give the plan/);
      expect([task.result, task.steps.map((step) => step.id)]).toEqual(["painting", ["plan", "part-1", "part-2"]]);
      const without = await start(() => done("alone"), { a: { capabilities: ["writing"] } });
      expect((await previewTask(without, parse(taskInput, { description: "Go.", planning: "agent" }, "body"))).reason).toMatch(
        /No agent has the capability planning/,
      );
    });

    test("a plan waits for a person, who approves it or gives other steps", async () => {
      const server = await start((work) => done(work.stepId), { any: {}, thinker: { capabilities: ["planning"] } });
      const id = await server.submit({ description: "Go.", planReview: true, steps: [{ id: "a" }, { id: "b", needs: ["a"] }] });
      const waiting = await getTask(server, id);
      expect([waiting.status, waiting.waitingFor?.kind, waiting.steps.map((step) => step.status)]).toEqual(["waiting", "approval", ["held", "blocked"]]);
      await pauseTask(server, id);
      await resumeTask(server, id);
      await cancelTask(server, id);
      await retryTask(server, id);
      expect((await getTask(server, id)).waitingFor?.kind).toBe("approval");
      await expect(decidePlan(server, id, { steps: [parse(stepInput, { id: "x", needs: ["y"] }, "")] }, "ann")).rejects.toMatchObject({ code: "bad_input" });
      await decidePlan(server, id, { steps: [parse(stepInput, { id: "x" }, ""), parse(stepInput, { id: "y", needs: ["x"] }, "")] }, "ann");
      const task = await server.until(id, "completed");
      expect([task.result, task.steps.map((step) => step.id)]).toEqual(["y", ["x", "y"]]);
      await expect(decidePlan(server, id, { approve: true }, "ann")).rejects.toMatchObject({ code: "conflict" });
      const race = await server.submit({ description: "Go.", planReview: true, pattern: "race" });
      await expect(decidePlan(server, race, { steps: [parse(stepInput, { id: "x" }, "")] }, "ann")).rejects.toMatchObject({ code: "conflict" });
      await decidePlan(server, race, { approve: true }, "ann");
      await server.until(race, "completed");
    });

    test("a plan that an agent made waits for a person when it is there", async () => {
      const script: Script = (work) =>
        done(typeOf(work) === "planning" ? { steps: [{ id: "a", description: "A" }] } : `${work.stepId} ${JSON.stringify(work.input)}`);
      const server = await start(script, { thinker: { capabilities: ["planning"] } });
      const id = await server.submit({ description: "Go.", planning: "thinker", planReview: true, payload: 7 });
      const waiting = await server.until(id, "waiting");
      expect(waiting.steps.map((step) => [step.id, step.status])).toEqual([
        ["plan", "completed"],
        ["a", "held"],
      ]);
      await decidePlan(server, id, { steps: [parse(stepInput, { id: "b" }, "")] }, "ann");
      expect((await server.until(id, "completed")).result).toBe("b 7");
    });

    test("a plan of the library is carried out with its inputs", async () => {
      const server = await start((work) => done(work.title), { any: { capabilities: ["research", "analysis", "documentation"] } });
      const id = await server.submit({ description: "Find out.", plan: "research", inputs: { question: "Why is the sky blue?", depth: "quick" } });
      const task = await server.until(id, "completed");
      expect([task.result, task.steps.length, task.steps[0]?.description]).toEqual([
        "Write the answer",
        4,
        expect.stringMatching(/quick: Why is the sky blue\?/),
      ]);
      await expect(server.submit({ description: "x", plan: "nothing" })).rejects.toMatchObject({ issues: [{ path: "body.plan" }] });
    });

    test("what words ask for is required as if it had been named, and said; the request keeps its words", async () => {
      const server = await start(() => done(), { anyone: {}, ann: { capabilities: ["code-review"] } });
      const input = parse(taskInput, { description: "Review the code of the login." }, "body");
      expect((await previewTask(server, input)).steps[0]?.assignment?.agentName).toBe("ann");
      const { id } = await submitTask(server, input, { idempotencyKey: "once" });
      const task = await server.until(id, "completed");
      expect(task).toMatchObject({ requirements: ["code_review"], steps: [{ requirements: ["code_review"] }] });
      expect(task.steps[0]?.attempts[0]?.assignment.agentName).toBe("ann");
      // Who has come or gone since does not make it another request.
      await server.addAgent("bob", { capabilities: ["login"] });
      expect((await submitTask(server, input, { idempotencyKey: "once" })).created).toBe(false);
    });

    test("a plan that is looked at anew by another server grows by nothing it has grown by", async () => {
      const script: Script = (work, { signal }) => (typeOf(work) === "task_decomposition" ? done({ subtasks: [{ description: "x" }] }) : untilAborted(signal));
      const server = await start(script, { any: {} });
      const id = await server.submit({ description: "Go.", pattern: "hierarchical" });
      await expect.poll(async () => (await getTask(server, id)).steps.length).toBe(2);
      await server.db.transaction((tx) => tx.run(sql`update tasks set grow_at = 1 where id = ${id}`));
      await expect.poll(async () => await server.db.all(sql`select grow_at from tasks where id = ${id}`)).toEqual([{ grow_at: null }]);
      expect((await getTask(server, id)).coordination?.growth.length).toBe(1);
    });
  });
}
