// What becomes of attempts whose agent dials in: not accepted, answered twice, links that break and come back, restarts.
import type { Json, ServerFrame, Work } from "@baton/contract";
import { afterEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../std/clock.ts";
import { agentFor, attemptContext, workFor } from "../connector.testsuite.ts";
import { type AttemptFrame, type DialinConnector, type DialinWorld, type Link, openDialinConnector } from "./dialin.ts";

const agent = agentFor({ kind: "dialin" });

describe("an agent that dials in", () => {
  const opened: DialinConnector[] = [];
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(opened.splice(0).map((connector) => connector.close()));
  });
  const open = (settings: Omit<DialinWorld, "clock"> = {}): DialinConnector => {
    const connector = openDialinConnector({ clock: systemClock, ...settings });
    opened.push(connector);
    return connector;
  };
  /** A link that only notes what it was sent. */
  const silentLink = (): Link & { sent: ServerFrame[] } => {
    const sent: ServerFrame[] = [];
    return { sent, send: (frame) => sent.push(frame) };
  };
  const types = (link: { sent: ServerFrame[] }): string[] => link.sent.map((frame) => frame.type);
  const accepted = (work: Work): AttemptFrame => ({ type: "attempt.accepted", attemptId: work.attemptId, fence: work.fence });
  const ended = (work: Work, output: Json, fence = work.fence): AttemptFrame => ({
    type: "attempt.ended",
    attemptId: work.attemptId,
    fence,
    outcome: { ok: true, output },
  });
  const held = (work: Work, fence = work.fence) => [{ attemptId: work.attemptId, fence }];
  const start = (connector: DialinConnector, work = workFor("anything")) => {
    const context = attemptContext();
    const link = silentLink();
    connector.attach(agent.id, link, []);
    return { work, context, link, outcome: connector.carryOut(agent, work, context) };
  };

  test("is attached from attach to detach", () => {
    const connector = open();
    const link = silentLink();
    connector.attach(agent.id, link, []);
    expect(connector.isAttached(agent.id)).toBe(true);
    connector.detach(agent.id, link);
    expect(connector.isAttached(agent.id)).toBe(false);
  });
  test("that is not attached is unavailable", async () => {
    expect(await open().carryOut(agent, workFor("anything"), attemptContext())).toMatchObject({ ok: false, kind: "unavailable" });
  });

  describe("that does not accept", () => {
    test("is sent the start once more, then told to leave it", async () => {
      const { link, outcome } = start(open({ acceptMs: 40 }));
      expect(await outcome).toMatchObject({ ok: false, kind: "unavailable" });
      expect(types(link)).toEqual(["attempt.start", "attempt.start", "attempt.cancel"]);
    });
    test("in time may take as long as it wants afterwards", async () => {
      vi.useFakeTimers();
      const connector = open();
      const { work, link, outcome } = start(connector, workFor("anything", { deadlineAt: new Date(Date.now() + 3_600_000).toISOString() }));
      connector.onFrame(agent.id, link, accepted(work));
      vi.advanceTimersByTime(3_000_000);
      expect(connector.onFrame(agent.id, link, ended(work, "slow"))).toBe("taken");
      expect(vi.getTimerCount()).toBe(0);
      vi.useRealTimers();
      expect(await outcome).toMatchObject({ ok: true, output: "slow" });
      expect(types(link)).toEqual(["attempt.start"]);
    });
  });

  describe("that answers", () => {
    test("twice is heard once", async () => {
      const connector = open();
      const { work, link, outcome } = start(connector);
      expect(connector.onFrame(agent.id, link, ended(work, "first"))).toBe("taken");
      expect(connector.onFrame(agent.id, link, ended(work, "other"))).toBe("not_here");
      expect(await outcome).toMatchObject({ output: "first" });
      expect(connector.onFrame(agent.id, link, ended(work, "late"))).toBe("not_here");
    });
    test("with an old fence is not heard", async () => {
      const connector = open();
      const { work, link, outcome } = start(connector, workFor("anything", { fence: 7 }));
      expect(connector.onFrame(agent.id, link, ended(work, "stale", 6))).toBe("not_here");
      connector.onFrame(agent.id, link, ended(work, "fresh"));
      expect(await outcome).toMatchObject({ output: "fresh" });
    });
    test("for another agent's attempt is not heard", () => {
      const connector = open();
      const { work } = start(connector);
      const stranger = silentLink();
      connector.attach("agent-2", stranger, []);
      expect(connector.onFrame("agent-2", stranger, ended(work, "mine"))).toBe("not_here");
    });
    test("on a link that was replaced is not heard", () => {
      const connector = open();
      const { work, link } = start(connector);
      connector.attach(agent.id, silentLink(), []);
      expect(connector.onFrame(agent.id, link, ended(work, "from the past"))).toBe("not_here");
    });
  });

  describe("whose link breaks", () => {
    test("goes on with what it holds when it comes back", async () => {
      const connector = open({ reconnectMs: 5_000 });
      const { work, link, outcome } = start(connector);
      connector.onFrame(agent.id, link, accepted(work));
      connector.detach(agent.id, link);
      const again = silentLink();
      connector.attach(agent.id, again, held(work));
      connector.onFrame(agent.id, again, ended(work, "resumed"));
      expect(await outcome).toMatchObject({ ok: true, output: "resumed" });
      expect(types(again)).toEqual([]);
    });
    test("is unavailable when it does not come back in time", async () => {
      const connector = open({ reconnectMs: 40 });
      const { work, link, outcome } = start(connector);
      connector.onFrame(agent.id, link, accepted(work));
      connector.detach(agent.id, link);
      expect(await outcome).toMatchObject({ ok: false, kind: "unavailable" });
    });
    test("is unavailable when it comes back without the work, or with an older fence", async () => {
      for (const holds of [[], "older"] as const) {
        const connector = open({ reconnectMs: 40 });
        const { work, link, outcome } = start(connector, workFor("anything", { fence: 3 }));
        connector.onFrame(agent.id, link, accepted(work));
        connector.detach(agent.id, link);
        connector.attach(agent.id, silentLink(), holds === "older" ? held(work, 2) : []);
        expect(await outcome).toMatchObject({ ok: false, kind: "unavailable" });
      }
    });
    test("may still deliver what it had finished when it comes back without holding it", async () => {
      const connector = open({ reconnectMs: 5_000 });
      const { work, link, outcome } = start(connector);
      connector.onFrame(agent.id, link, accepted(work));
      connector.detach(agent.id, link);
      const again = silentLink();
      connector.attach(agent.id, again, []);
      connector.onFrame(agent.id, again, ended(work, "finished before"));
      expect(await outcome).toMatchObject({ ok: true, output: "finished before" });
    });
    test("is offered again what it never accepted", async () => {
      const connector = open();
      const { work, link, outcome } = start(connector);
      connector.detach(agent.id, link);
      const again = silentLink();
      connector.attach(agent.id, again, []);
      expect(types(again)).toEqual(["attempt.start"]);
      connector.onFrame(agent.id, again, ended(work, "at last"));
      expect(await outcome).toMatchObject({ ok: true });
    });
    test("is not waited for once its work is cancelled", async () => {
      const connector = open({ reconnectMs: 60_000 });
      const { work, link, context, outcome } = start(connector);
      connector.onFrame(agent.id, link, accepted(work));
      connector.detach(agent.id, link);
      context.abort("Nobody wants it.");
      expect(await outcome).toMatchObject({ kind: "cancelled" });
    });
  });

  describe("that connects twice", () => {
    test("is served on the newer link, and the older is told", () => {
      const connector = open();
      const { link } = start(connector);
      const newer = silentLink();
      expect(connector.attach(agent.id, newer, [])).toBe(link);
      expect(link.sent.at(-1)).toMatchObject({ type: "problem", problem: { code: "conflict" } });
      expect(types(newer)).toEqual(["attempt.start"]);
    });
    test("stays attached when the older link goes", () => {
      const connector = open();
      const { link } = start(connector);
      connector.attach(agent.id, silentLink(), []);
      connector.detach(agent.id, link);
      expect(connector.isAttached(agent.id)).toBe(true);
    });
  });

  describe("that is cancelled", () => {
    test("is told, and has ended when it says so", async () => {
      const connector = open();
      const { work, link, context, outcome } = start(connector);
      connector.onFrame(agent.id, link, accepted(work));
      context.abort("Not needed.");
      expect(link.sent.at(-1)).toEqual({ type: "attempt.cancel", attemptId: work.attemptId, reason: "Not needed." });
      const toldAt = performance.now();
      connector.onFrame(agent.id, link, {
        type: "attempt.ended",
        attemptId: work.attemptId,
        fence: work.fence,
        outcome: { ok: false, kind: "cancelled", detail: "" },
      });
      expect(await outcome).toEqual({ ok: false, kind: "cancelled", detail: "Not needed." });
      expect(performance.now() - toldAt).toBeLessThan(500);
    });
  });

  test.each(["released", "fenced"])("is told nothing when its attempt is %s: it works on for the server that takes over", async (reason) => {
    const connector = open();
    const { work, link, context, outcome } = start(connector);
    connector.onFrame(agent.id, link, accepted(work));
    context.abort(reason);
    expect(await outcome).toMatchObject({ ok: false, kind: "cancelled" });
    expect(types(link)).toEqual(["attempt.start"]);
  });

  describe("whose server was restarted", () => {
    test("is adopted without a new start", async () => {
      const connector = open();
      const link = silentLink();
      const work = workFor("begun before", { fence: 4 });
      connector.attach(agent.id, link, held(work));
      const outcome = connector.adopt(agent, work, attemptContext());
      connector.onFrame(agent.id, link, ended(work, "survived"));
      expect(await outcome).toMatchObject({ ok: true, output: "survived" });
      expect(link.sent).toEqual([]);
    });
    test("may come back after its attempt was adopted", async () => {
      const connector = open({ reconnectMs: 5_000 });
      const work = workFor("begun before");
      const outcome = connector.adopt(agent, work, attemptContext());
      const link = silentLink();
      connector.attach(agent.id, link, held(work));
      connector.onFrame(agent.id, link, ended(work, "survived"));
      expect(await outcome).toMatchObject({ ok: true });
    });
    test("is unavailable when it does not come back", async () => {
      expect(await open({ reconnectMs: 40 }).adopt(agent, workFor("begun before"), attemptContext())).toMatchObject({ ok: false, kind: "unavailable" });
    });
  });

  test("has no timer of its own while it waits for work", () => {
    vi.useFakeTimers();
    const connector = open();
    for (let number = 0; number < 1_000; number++) connector.attach(`agent-${number}`, silentLink(), []);
    expect(vi.getTimerCount()).toBe(0);
  });
  test("is left alone with its work when the server stops", async () => {
    const connector = open();
    const { work, link, outcome } = start(connector);
    connector.onFrame(agent.id, link, accepted(work));
    await connector.close();
    expect(await outcome).toMatchObject({ ok: false, kind: "unavailable" });
    expect(types(link)).toEqual(["attempt.start"]);
  });
});
