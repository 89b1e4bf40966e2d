// The dial-in connector keeps the contract, with an agent on the other end of a pair in memory.
import { clientFrame, type Json, type Outcome, type ServerFrame, type Work } from "@baton/contract";
import { toldBy } from "../../../../../tests/fake-agents/lies.mjs";
import { systemClock } from "../../std/clock.ts";
import { agentFor, testConnector } from "../connector.testsuite.ts";
import { type AttemptFrame, type DialinConnector, type Link, openDialinConnector } from "./dialin.ts";

const agent = agentFor({ kind: "dialin" });
const nested = (levels: number): Json => Array.from({ length: levels }).reduce<Json>((inner) => [inner], null);

/** An agent that does what the first word of a description says, over a link that is as asynchronous as a socket. */
function connectAgent(connector: DialinConnector): { working: Set<string>; detach(): void } {
  const working = new Set<string>();
  const link: Link = { send: (frame) => setImmediate(() => receive(frame)) };
  const say = (frame: AttemptFrame): void => void connector.onFrame(agent.id, link, frame);
  const end = (work: Work, outcome: Outcome): void => {
    working.delete(work.attemptId);
    say({ type: "attempt.ended", attemptId: work.attemptId, fence: work.fence, outcome });
  };
  const answer = (work: Work, output: Json): void => end(work, { ok: true, output });
  const behaviours: Record<string, (work: Work) => void> = {
    reveal: (work) => answer(work, work as unknown as Json),
    progress: (work) => {
      say({ type: "attempt.progressed", attemptId: work.attemptId, fence: work.fence, progress: { fraction: 0.5, message: "half way" } });
      answer(work, "done");
    },
    fail: (work) => end(work, { ok: false, kind: "agent_error", detail: "I cannot do that" }),
    hang: () => undefined,
    /** By the door that frames come in at. */
    lie: (work) => {
      const held = { attemptId: work.attemptId, fence: work.fence };
      const hear = (frame: unknown): void => say(clientFrame.parse(frame) as AttemptFrame);
      for (const { input, output, money } of toldBy(work.description.split(" ")[1])) {
        const usage = { inputTokens: input, outputTokens: output };
        const cost = { amount: money, currency: "USD" };
        hear({ type: "attempt.updated", ...held, updates: [{ kind: "usage", ...usage, cost }] });
        if (money !== 5) hear({ type: "attempt.ended", ...held, outcome: { ok: true, output: "told", usage, cost } });
      }
      working.delete(work.attemptId);
    },
    noise: (work) => {
      const updates = [{ kind: "thought" as const, text: "x".repeat(64 * 1024) }];
      for (let n = 0; n < 16_384; n++) say({ type: "attempt.updated", attemptId: work.attemptId, fence: work.fence, updates });
      answer(work, "heard");
    },
    flood: (work) => answer(work, "x".repeat(11 * 2 ** 20)),
    die: () => {
      working.clear();
      connector.detach(agent.id, link);
    },
    deep: (work) => answer(work, nested(100_000)),
    nul: (work) => answer(work, "a\u0000b"),
    twice: (work) => {
      answer(work, "first");
      answer(work, "other");
    },
  };
  function receive(frame: ServerFrame): void {
    if (frame.type === "attempt.cancel") working.delete(frame.attemptId);
    if (frame.type !== "attempt.start") return;
    const { work } = frame;
    working.add(work.attemptId);
    say({ type: "attempt.accepted", attemptId: work.attemptId, fence: work.fence });
    const behave = behaviours[work.description.split(" ")[0] ?? ""];
    if (behave === undefined) answer(work, work.description);
    else behave(work);
  }
  connector.attach(agent.id, link, []);
  return { working, detach: () => connector.detach(agent.id, link) };
}

testConnector(
  "dialin",
  async () => {
    const connector = openDialinConnector({ clock: systemClock, reconnectMs: 100 });
    let current = connectAgent(connector);
    return {
      // An agent that died is started again, as whoever runs it would.
      connector: {
        ...connector,
        carryOut: (...given) => {
          if (!connector.isAttached(agent.id)) current = connectAgent(connector);
          return connector.carryOut(...given);
        },
      },
      agent,
      stillWorking: () => current.working.size,
      close: () => connector.close(),
    };
  },
  { half: "frames are parsed where the socket is" },
);
