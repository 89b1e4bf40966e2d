// The contract of `connector.ts` as tests. Every kind of hands passes it against a real agent that behaves, well or badly, as it is told.
import type { ConnectorSettings, McpServer, Outcome, Progress, Update, Work } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer, AttemptContext, Connector, ConnectorAgent, HandedServer, Question } from "./connector.ts";
import { lies } from "../../../../tests/fake-agents/lies.mjs";
import { atThisPace } from "../../../../tests/pace.ts";
import { openToldFigures } from "../tasks/told-figures.ts";

export interface ConnectorUnderTest {
  connector: Connector;
  /** An agent that does what the first word of a work's description says, see `behaviours`. */
  agent: ConnectorAgent;
  /** How many pieces of work the agent is still on, processes and connections included. */
  stillWorking(): number | Promise<number>;
  close(): Promise<void>;
}

/** What the agent behind a suite must be able to do on the first word of a description. */
export const behaviours = {
  echo: "answers with the description itself",
  reveal: "answers with everything it was given, its surroundings included",
  progress: "says 0.5 and a message, then answers",
  fail: "answers that it cannot: 'I cannot do that'",
  hang: "takes the work and never answers",
  flood: "answers without end",
  noise: "says 256 MiB beside its answer, in a place nobody reads or as what means nothing, then answers",
  lie: "answers 'told', and tells figures that cannot be, as the second word says: see lies.mjs",
  die: "ends in the middle of its answer",
  half: "answers half a line of JSON and says it is done",
  deep: "answers JSON nested 100,000 levels deep",
  nul: "answers a, the character NUL, b",
  twice: "answers 'first', then 'other'",
} as const;
export type Behaviour = keyof typeof behaviours;

let made = 0;
export function workFor(description: string, changes: Partial<Work> = {}): Work {
  made++;
  const task = {
    id: `task-${made}`,
    title: "A task",
    description: "The whole task",
    type: "general",
    payload: null,
    files: [],
    language: null,
    repository: null,
  };
  return {
    attemptId: `attempt-${made}-${process.pid}`,
    fence: 1,
    taskId: task.id,
    stepId: "only",
    title: "A step",
    description,
    requirements: [],
    input: null,
    context: { task, steps: {} },
    timeoutMs: 15_000,
    deadlineAt: new Date(Date.now() + 15_000).toISOString(),
    ...changes,
  };
}
export const agentFor = (connector: ConnectorSettings, changes: Partial<ConnectorAgent> = {}): ConnectorAgent => ({
  id: "agent-1",
  name: "tester",
  connector,
  environment: {},
  resourceLimits: {},
  ...changes,
});

export interface TestContext extends AttemptContext {
  said: Progress[];
  updates: Update[];
  asked: Question[];
  abort(reason: string): void;
}
/** The caller's side of an attempt: what was said of it, what was asked, and the means to end it. @param answer what the person at the other end says; by default no. */
export function attemptContext(answer: (question: Question) => Answer = () => ({ decision: "rejected", comment: null })): TestContext {
  const controller = new AbortController();
  const said: Progress[] = [];
  const updates: Update[] = [];
  const asked: Question[] = [];
  return {
    signal: controller.signal,
    onProgress: (progress) => said.push(progress),
    onUpdate: (update) => updates.push(update),
    ask: async (question) => {
      asked.push(question);
      return answer(question);
    },
    remembered: async () => [],
    askedMs: () => 0,
    toolServers: [],
    said,
    updates,
    asked,
    abort: (reason) => controller.abort(reason),
  };
}

/** A tool server found for a step. */
export const handed = (server: McpServer, resources: HandedServer["handed"]["resources"] = []): HandedServer => ({
  ...server,
  handed: { resources, resourceLimits: {} },
});

/** So much takes its time on a busy machine. */
const LONG = { timeoutMs: 100_000, deadlineAt: new Date(Date.now() + 600_000).toISOString() };
/** Of what is held outside and inside the heap, garbage that was not collected yet included. */
const MOST_GROWTH = 200 * 2 ** 20;
/** By how much memory has grown at the most, while this was watched. */
function watchMemory(): () => number {
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, used())), 10);
  return () => {
    clearInterval(timer);
    return Math.max(most, used()) - before;
  };
}

/** `notOffered`: behaviours that cannot happen with this kind, each with the reason. */
export function testConnector(
  kind: ConnectorSettings["kind"],
  open: () => Promise<ConnectorUnderTest>,
  notOffered: Partial<Record<Behaviour, string>> = {},
): void {
  describe(`the ${kind} connector keeps the contract`, () => {
    let under: ConnectorUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());
    const carryOut = (work: Work, context = attemptContext(), agent = under.agent): Promise<Outcome> => under.connector.carryOut(agent, work, context);
    const settled = () => expect.poll(() => under.stillWorking(), { timeout: 30_000 }).toBe(0);
    /** A test of one behaviour; when the kind cannot show it, the report says why. */
    const when = (behaviour: Behaviour, sentence: string, body: () => Promise<void>): void => {
      const reason = notOffered[behaviour];
      test.skipIf(reason !== undefined)(reason === undefined ? sentence : `${sentence} (not here: ${reason})`, body);
    };

    test("it says which kind it is", () => expect(under.connector.kind).toBe(kind));
    test("it accepts the agent it is given", async () => expect(await under.connector.check(under.agent)).toBeUndefined());

    when("echo", "hands the work over and returns what the agent answers", async () => {
      expect(await carryOut(workFor("echo grüße 你好 🎼"))).toMatchObject({ ok: true, output: "echo grüße 你好 🎼" });
      await settled();
    });
    when("echo", "keeps twenty attempts at once apart", async () => {
      const words = Array.from({ length: 20 }, (_, index) => `echo number ${index}`);
      const outcomes = await Promise.all(words.map((word) => carryOut(workFor(word))));
      expect(outcomes.map((outcome) => outcome.ok && outcome.output)).toEqual(words);
      await settled();
    });
    when("progress", "passes on how far the work is", async () => {
      const context = attemptContext();
      expect(await carryOut(workFor("progress"), context)).toMatchObject({ ok: true });
      expect(context.said).toContainEqual({ fraction: 0.5, message: "half way" });
    });
    when("fail", "makes what the agent reports as an error a failure as data", async () => {
      expect(await carryOut(workFor("fail"))).toEqual({ ok: false, kind: "agent_error", detail: expect.stringContaining("I cannot do that") });
    });

    when("hang", "ends within 2 s of a cancel, and leaves nothing behind", async () => {
      const context = attemptContext();
      const outcome = carryOut(workFor("hang"), context);
      await expect.poll(() => under.stillWorking()).toBeGreaterThan(0);
      const cancelledAt = performance.now();
      context.abort("Nobody wants it any more.");
      expect(await outcome).toEqual({ ok: false, kind: "cancelled", detail: "Nobody wants it any more." });
      expect(performance.now() - cancelledAt).toBeLessThan(atThisPace(2_000));
      await settled();
    });
    when("hang", "does not begin what is cancelled already", async () => {
      const context = attemptContext();
      context.abort("Too late.");
      expect(await carryOut(workFor("hang"), context)).toMatchObject({ ok: false, kind: "cancelled" });
      await settled();
    });
    when("hang", "gives up at the deadline", async () => {
      const startedAt = performance.now();
      const work = workFor("hang", { timeoutMs: 400, deadlineAt: new Date(Date.now() + 400).toISOString() });
      expect(await carryOut(work)).toMatchObject({ ok: false, kind: "timeout" });
      expect(performance.now() - startedAt).toBeLessThan(atThisPace(2_400));
      await settled();
    });
    when("hang", "gives up at the agent's own time limit", async () => {
      const agent = { ...under.agent, resourceLimits: { timeoutMs: 400 } };
      expect(await carryOut(workFor("hang"), attemptContext(), agent)).toMatchObject({ ok: false, kind: "timeout" });
      await settled();
    });

    when("reveal", "hands the agent nothing of the server's environment", async () => {
      process.env["BATON_SUITE_CANARY"] = "canary-of-the-server";
      const outcome = await carryOut(workFor("reveal"));
      delete process.env["BATON_SUITE_CANARY"];
      expect(outcome.ok).toBe(true);
      expect(JSON.stringify(outcome)).not.toContain("canary-of-the-server");
    });

    when("flood", "keeps at most 10 MB of what an agent says, and ends the one that says more", async () => {
      const grown = watchMemory();
      expect(await carryOut(workFor("flood"))).toMatchObject({ ok: false, kind: "limit" });
      expect(grown()).toBeLessThan(MOST_GROWTH);
      await settled();
    });
    when("noise", "holds nothing of 256 MiB that are said beside the answer, or ends the one that says it", async () => {
      const grown = watchMemory();
      const outcome = await carryOut(workFor("noise", LONG), { ...attemptContext(), onProgress: () => undefined, onUpdate: () => undefined });
      expect([true, "limit"]).toContain(outcome.ok || outcome.kind);
      expect(grown()).toBeLessThan(MOST_GROWTH);
      await settled();
    });
    when("lie", "takes the work of an agent that lies about what it used, and keeps no figure that cannot be", async () => {
      for (const form of Object.keys(lies)) {
        const context = attemptContext();
        const outcome = await carryOut(workFor(`lie ${form}`), context);
        expect(outcome, form).toMatchObject({ ok: true, output: "told" });
        // As attempts are recorded: what a connector lets through is judged there.
        const { heed, settle } = openToldFigures(() => undefined);
        const told = context.updates.map(heed).filter((update) => update.kind === "usage");
        const { usage, cost } = settle(outcome);
        const figures = [
          ...told.flatMap((one) => [one.inputTokens, one.outputTokens, one.cost?.amount]),
          usage?.inputTokens,
          usage?.outputTokens,
          cost?.amount,
        ];
        const known = figures.filter((figure) => figure !== null && figure !== undefined);
        // Of what falls, each could be true by itself.
        if (form === "falling") expect(known).toEqual(known.filter((figure) => [1000, 100, 5, 3, 2, 1].includes(figure)));
        else expect(known, form).toEqual([]);
      }
    });
    when("die", "makes an agent that dies in the middle a failure", async () => {
      const outcome = await carryOut(workFor("die"));
      expect(outcome).toMatchObject({ ok: false });
      expect(!outcome.ok && ["unavailable", "agent_error"].includes(outcome.kind)).toBe(true);
      await settled();
    });
    when("half", "takes half a line of JSON for no answer at all", async () => {
      expect(await carryOut(workFor("half"))).toMatchObject({ ok: false, kind: "invalid_response" });
    });
    when("deep", "refuses an answer nested deeper than anything can walk", async () => {
      expect(await carryOut(workFor("deep"))).toMatchObject({ ok: false, kind: "invalid_response" });
    });
    when("nul", "replaces characters that no store can hold", async () => {
      expect(await carryOut(workFor("nul"))).toMatchObject({ ok: true, output: "a\ufffdb" });
    });
    when("twice", "takes one answer from an agent that answers twice, and works on", async () => {
      const outcome = await carryOut(workFor("twice"));
      expect(["first", "other"]).toContain(outcome.ok ? outcome.output : outcome);
      expect(await carryOut(workFor("echo still here"))).toMatchObject({ ok: true });
    });
  });
}
