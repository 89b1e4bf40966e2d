// Plans that grow, held against every store: what they add is carried out, what fails or hangs does not hold them, nothing grows twice.
import type { Outcome } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { growingServers, typeOf } from "./growing.testkit.ts";
import { cancelTask, getTask, retryTask } from "./tasks.ts";
import { done, type OpenStore, type Script, untilAborted } from "./tasks.testkit.ts";

const failed = (detail = "I cannot do that"): Outcome => ({ ok: false, kind: "agent_error", detail });

export function testPatterns(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`patterns on ${store}`, () => {
    const start = growingServers(freshStore);

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
      const more = { coordination: { outputSchema: { type: "number" } }, constraints: { budget: { usd: 3 } } };
      const task = await server.until(await server.submit({ description: "Go.", pattern: "escalation", ...more }), "failed");
      expect(task.failure).toMatchObject({ kind: "budget", detail: expect.stringMatching(/budget of 3 USD is used up/) });
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
      const script: Script = (work, { signal }, name) => (work.input === "c" && name === "lame" ? untilAborted(signal) : done(`${work.input as string}!`));
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
  });
}
