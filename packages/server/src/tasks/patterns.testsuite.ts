// Plans that grow, held against every store: what they add is carried out, what fails or hangs does not hold them, nothing grows twice.
import { type Outcome, parse, stepInput, taskInput, type Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { sql } from "../store/sql.ts";
import { cancelTask, decidePlan, getTask, pauseTask, previewTask, resumeTask, retryTask } from "./tasks.ts";
import { type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

const done = (output: unknown = "done"): Outcome => ({ ok: true, output: output as never });
const failed = (detail = "I cannot do that"): Outcome => ({ ok: false, kind: "agent_error", detail });
const untilAborted = (signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: false, kind: "cancelled", detail: "told to stop" }), { once: true }));
const typeOf = (work: Work): unknown => (work.input as { type?: unknown } | null)?.type;

export function testPatterns(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`patterns on ${store}`, () => {
    const servers: TestServer[] = [];
    const start = async (script: Script, agents: Record<string, object>) => {
      const server = await openTestServer(await freshStore(), script);
      servers.push(server);
      for (const [name, more] of Object.entries(agents)) await server.addAgent(name, more);
      return server;
    };
    afterEach(async () => {
      for (const server of servers.splice(0)) {
        // However a plan grew, what is kept as a count agrees with the rows.
        const wrong = await server.db.all(sql`select t.id from tasks t where t.status in ('completed', 'executing', 'queued', 'waiting') and t.steps_left <>
          (select count(*) from task_steps s where s.task_id = t.id and s.status in ('blocked', 'ready', 'delayed', 'waiting', 'held', 'running'))`);
        const total = await server.db.all(sql`select t.id from tasks t where t.steps_total <> (select count(*) from task_steps s where s.task_id = t.id)`);
        await server.stop();
        expect([wrong, total]).toEqual([[], []]);
      }
    });

    test("in a race the first that passes wins, and the others are told to stop", async () => {
      const stopped: string[] = [];
      const script: Script = async (_, { signal }, name) => {
        if (name === "quick") return done("quick was first");
        if (name === "broken") return failed();
        const outcome = await untilAborted(signal);
        stopped.push(name);
        return outcome;
      };
      const server = await start(script, { quick: {}, broken: {}, slow: {} });
      const task = await server.until(await server.submit({ description: "Go.", pattern: "race" }), "completed");
      expect(task.result).toBe("quick was first");
      await expect.poll(() => stopped).toEqual(["slow"]);
      const statusOf = (name: string) => task.coordination?.participants.find(({ agentName }) => agentName === name)?.status;
      expect([statusOf("quick"), statusOf("slow")]).toEqual(["completed", "cancelled"]);
      expect(task.coordination?.growth.at(-1)?.why).toMatch(/passed first/);
      await expect.poll(async () => (await getTask(server, task.id)).steps.flatMap((step) => step.attempts).every((one) => one.endedAt !== null)).toBe(true);
    });

    test("a try whose output does not fit is sent back to its agent once with what is wrong, and another may win", async () => {
      const told: (string | undefined)[] = [];
      const talks: (string | undefined)[] = [];
      const script: Script = (work, _, name) => {
        if (name === "sloppy") {
          told.push(work.feedback);
          talks.push(work.conversation);
          return { ok: true, output: { answer: "many" }, conversation: "talk-1" };
        }
        return told.length < 2 ? new Promise<Outcome>((resolve) => setTimeout(() => resolve(done({ answer: 42 })), 300)) : done({ answer: 42 });
      };
      const server = await start(script, { sloppy: {}, careful: {} });
      const schema = { type: "object", properties: { answer: { type: "number" } }, required: ["answer"] };
      const task = await server.until(await server.submit({ description: "Count.", pattern: "race", coordination: { outputSchema: schema } }), "completed");
      expect(task.result).toEqual({ answer: 42 });
      expect(told).toEqual([undefined, expect.stringMatching(/answer must be number/)]);
      expect(talks).toEqual([undefined, "talk-1"]);
    });

    test("a race nobody wins fails with what each said, and can be tried again", async () => {
      let broken = true;
      const server = await start((_, __, name) => (broken ? failed(`${name} cannot`) : done("now")), { a: {}, b: {} });
      const id = await server.submit({ description: "Go.", pattern: "race" });
      const task = await server.until(id, "failed");
      expect(task.failure?.detail).toMatch(/None of 2 tries passed.*a cannot.*b cannot|b cannot.*a cannot/);
      broken = false;
      await retryTask(server, id);
      expect((await server.until(id, "completed")).result).toBe("now");
    });

    test("escalation begins with the cheapest, verifies, and goes on to the next with what was wrong", async () => {
      const asked: string[] = [];
      const script: Script = (work, _, name) => {
        if (typeOf(work) === "verification") {
          const { output } = work.input as { output: string };
          return done(`Here you are: {"accepted": ${output === "good"}, "reason": "it is ${output}"}`);
        }
        asked.push(name);
        return done(name === "dear" ? "good" : "poor");
      };
      const able = (price: number) => ({ capabilities: ["writing"], metadata: { price } });
      const server = await start(script, { dear: able(9), cheap: able(1), middle: able(3), judge: { capabilities: ["judging"], role: "monitor" } });
      const coordination = { verify: { requirements: ["judging"] } };
      const task = await server.until(
        await server.submit({ description: "Write.", requirements: ["writing"], pattern: "escalation", coordination }),
        "completed",
      );
      expect([asked, task.result]).toEqual([["cheap", "middle", "dear"], "good"]);
      expect(task.steps.find((step) => step.id === "try-2")?.description).toMatch(/it is poor/);
      expect(task.coordination?.participants.filter(({ part }) => part === "verify").every(({ role }) => role === "monitor")).toBe(true);
    });

    test("escalation asks nobody else once its budget is spent", async () => {
      const script: Script = () => ({ ok: true, output: "x", cost: { amount: 2, currency: "USD" } });
      const server = await start(script, { a: {}, b: {}, c: {} });
      const coordination = { budget: { amount: 3, currency: "USD" }, outputSchema: { type: "number" } };
      const task = await server.until(await server.submit({ description: "Go.", pattern: "escalation", coordination }), "failed");
      expect(task.failure).toMatchObject({ kind: "budget", detail: expect.stringMatching(/budget of 3 USD is spent/) });
    });

    test("a pipeline feeds each stage with the one before, and stops where one does not keep its contract", async () => {
      const script: Script = (work) => done(work.stepId === "two" ? "no number" : `${work.stepId}(${JSON.stringify(work.input)})`);
      const server = await start(script, { any: {} });
      const stages = (schema: object) => [{ id: "one" }, { id: "two", outputSchema: schema as never }, { id: "three" }];
      const good = await server.until(
        await server.submit({ description: "Go.", payload: 1, pattern: "pipeline", steps: stages({ type: "string" }) }),
        "completed",
      );
      expect(good.result).toBe('three("no number")');
      const bad = await server.until(await server.submit({ description: "Go.", payload: 1, pattern: "pipeline", steps: stages({ type: "number" }) }), "failed");
      expect(bad.failure).toMatchObject({ stepId: "two", detail: expect.stringMatching(/must be number/) });
      expect(bad.steps.map((step) => [step.id, step.status, step.attempts.length])).toEqual([
        ["one", "completed", 1],
        ["two", "failed", 2],
        ["three", "skipped", 0],
      ]);
    });

    test("a coordinator splits, sends back, accepts and combines", async () => {
      let reviews = 0;
      const script: Script = (work, _, name) => {
        const type = typeOf(work);
        if (type === "task_decomposition")
          return done(
            "```json\n" +
              JSON.stringify({
                subtasks: [
                  { id: "x", description: "part x", requirements: ["writing"] },
                  { id: "y", description: "part y", needs: ["x"] },
                ],
              }) +
              "\n```",
          );
        if (type === "review") return done(++reviews === 1 ? { accepted: false, revise: [{ id: "work-1", feedback: "longer, please" }] } : { accepted: true });
        if (type === "result_aggregation") return done({ combined: work.input, by: name });
        return done(`${work.description} by ${name}`);
      };
      const server = await start(script, { boss: { role: "coordinator", capabilities: ["writing"] }, hand: { capabilities: ["writing"] } });
      const task = await server.until(await server.submit({ description: "Write a book.", pattern: "hierarchical" }), "completed");
      expect(task.steps.map((step) => [step.id, step.status])).toEqual(
        ["split", "work-1", "work-2", "review-1", "work-1-2", "review-2", "combine"].map((id) => [id, "completed"]),
      );
      expect(task.steps.find((step) => step.id === "work-1-2")?.description).toMatch(/longer, please/);
      expect(task.result).toMatchObject({ by: "boss", combined: { worker_results: { "work-1-2": { status: "done" }, "work-2": { status: "done" } } } });
      expect(task.coordination).toMatchObject({ pattern: "hierarchical", round: 2 });
    });

    test("a coordinator that answers nonsense is told once, and then code decides and says so", async () => {
      const server = await start((work) => done(typeOf(work) === "subtask" ? `did ${work.requirements.join()}` : "Well, let me think."), {
        a: { capabilities: ["writing"] },
        b: { capabilities: ["painting"] },
      });
      const task = await server.until(
        await server.submit({ description: "A picture book.", requirements: ["writing", "painting"], pattern: "hierarchical" }),
        "completed",
      );
      expect(task.steps.find((step) => step.id === "split")?.attempts.length).toBe(2);
      expect(task.coordination?.growth.map(({ why }) => why).join(" ")).toMatch(/split could not be used.*review could not be used/);
      expect(task.result).toBe("Well, let me think.");
    });

    test("those who collaborate criticise until they agree; dissent is kept", async () => {
      const script: Script = (work, _, name) => {
        const type = typeOf(work);
        if (type === "critique")
          return done({ agreement: name === "stubborn" ? 0.2 : 1, comment: `${name} says`, ...(name === "a" ? { revised: "a, better" } : {}) });
        if (type === "synthesis") return done(work.input);
        return done(`${name} thinks`);
      };
      const server = await start(script, { a: {}, b: {}, stubborn: {} });
      const coordination = { rounds: 2, agreement: 0.9 };
      const task = await server.until(await server.submit({ description: "Discuss.", pattern: "collaborative", coordination }), "completed");
      expect(task.result).toMatchObject({ agreed: false, agreement: 0.733, rounds: 2, dissent: [{ agreement: 0.2, comment: "stubborn says" }] });
      expect(JSON.stringify(task.result)).toContain("a, better");
      const agreed = await server.until(await server.submit({ description: "Discuss.", pattern: "collaborative" }), "completed");
      expect(agreed.result).toMatchObject({ agreed: true, rounds: 1 });
    });

    test("a swarm takes items as agents are free, and gives a straggler to a second agent", async () => {
      const script: Script = (work, { signal }, name) => (work.input === "c" && name === "lame" ? untilAborted(signal) : done(`${String(work.input)}!`));
      const server = await start(script, { lame: { maxConcurrentTasks: 1 }, fit: { maxConcurrentTasks: 1 } });
      const id = await server.submit({ description: "Shout.", pattern: "swarm", payload: ["c", "a", "b", "d", "e"], coordination: { stragglerFactor: 2 } });
      const task = await server.until(id, "completed");
      expect(task.result).toMatchObject({ results: ["c!", "a!", "b!", "d!", "e!"], done: 5, total: 5, failed: [] });
    });

    test("a swarm discovers its items, ends early on enough, and names what failed", async () => {
      const script: Script = (work, { signal }) => {
        if (work.stepId === "discover") return done({ items: [1, 2, 3, 4] });
        if (work.input === 1) return failed("one is too much");
        return work.input === 4 ? untilAborted(signal) : done(work.input);
      };
      const server = await start(script, { any: {} });
      const task = await server.until(await server.submit({ description: "Count.", pattern: "swarm", coordination: { enough: 2 } }), "completed");
      expect(task.result).toMatchObject({ results: [null, 2, 3, null], done: 2 });
      const all = await server.submit({ description: "Count.", pattern: "swarm", payload: [1, 2] });
      const ended = await server.until(all, "failed");
      expect(ended.steps.map((step) => step.id)).toEqual(["item-1", "item-2", "item-1-again"]);
      expect(ended.failure?.detail).toMatch(/1 of 2 items were done; 2 are needed. item-1: one is too much/);
    });

    test("cancelling a task that grew stops whatever of it is going", async () => {
      const stopped: string[] = [];
      const script: Script = async (work, { signal }) => {
        if (typeOf(work) === "task_decomposition") return done({ subtasks: [{ description: "x" }, { description: "y" }] });
        const outcome = await untilAborted(signal);
        stopped.push(work.stepId);
        return outcome;
      };
      const server = await start(script, { any: {} });
      const id = await server.submit({ description: "Go.", pattern: "hierarchical" });
      await expect
        .poll(async () => (await getTask(server, id)).steps.filter((step) => step.status === "running").map((step) => step.id))
        .toEqual(["work-1", "work-2"]);
      await cancelTask(server, id);
      await expect.poll(() => [...stopped].sort()).toEqual(["work-1", "work-2"]);
      expect((await getTask(server, id)).steps.map((step) => step.status)).toEqual(["completed", "cancelled", "cancelled"]);
    });

    test("a step of given steps may fail without failing the task, when it says so", async () => {
      const server = await start((work) => (work.stepId === "risky" ? failed() : done(work.input)), { any: {} });
      const steps = [{ id: "risky", onFailure: "absorb" as const }, { id: "sure" }, { id: "last", needs: ["risky", "sure"] }];
      const task = await server.until(await server.submit({ description: "Go.", steps, payload: 1 }), "completed");
      expect(task.result).toEqual({ risky: null, sure: 1 });
      expect(task.steps.map((step) => step.status)).toEqual(["failed", "completed", "completed"]);
    });

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
      expect(previewTask(without, parse(taskInput, { description: "Go.", planning: "agent" }, "body")).reason).toMatch(/No agent has the capability planning/);
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
