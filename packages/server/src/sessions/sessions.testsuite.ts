// Conversations on a real store, without any task: begun, read from cursors, bounded, pinned, expired, removed.
import { parse, sessionInput, type SessionInput, turnInput } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import { done, type OpenStore, openTestServer, type TestServer } from "../tasks/tasks.testkit.ts";
import { addPin, addTurn, createSession, getContext, getSession, listSessions, listTurns, patchSession, removePin, removeSession } from "./sessions.ts";
import { sweepSessions } from "./sweep.ts";

export function testSessions(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`sessions on ${store}`, () => {
    const running: TestServer[] = [];
    let elapsed = 0;
    const start = async () => {
      const server = await openTestServer(await freshStore(), () => done());
      running.push(server);
      elapsed = 0;
      return { ...server, clock: { now: () => Date.now() + elapsed } };
    };
    afterEach(async () => {
      for (const server of running.splice(0)) await server.stop();
    });
    type World = Awaited<ReturnType<typeof start>>;
    const begin = (server: World, input: SessionInput = {}) => createSession(server, parse(sessionInput, input, "body"));
    const say = async (server: World, id: string, content: string, more: object = {}, key?: string) =>
      addTurn(server, id, { agentId: undefined, ...parse(turnInput, { content, ...more }, "body") }, key);
    const eventsOf = async (server: World) => (await server.events.list({ limit: 100, type: "session.*" })).items.map(({ type }) => type);

    test("a conversation is begun, found, changed and removed with all that was said", async () => {
      const server = await start();
      const { id } = await begin(server, { title: "Cache", userId: "ann", metadata: { a: 1 } });
      await say(server, id, "Hello");
      await addPin(server, id, { content: "The cache is in Rust." });
      await patchSession(server, id, { title: null, metadata: { b: 2 } });
      expect(await getSession(server, id)).toMatchObject({
        title: null,
        userId: "ann",
        metadata: { b: 2 },
        turns: 1,
        status: "active",
        summary: null,
        holders: [],
      });
      await removeSession(server, id);
      await expect(getSession(server, id)).rejects.toMatchObject({ code: "not_found" });
      await begin(server, { id });
      expect([(await listTurns(server, id, { limit: 10 })).items, (await getSession(server, id)).pins]).toEqual([[], []]);
      await expect(begin(server, { id })).rejects.toMatchObject({ code: "name_taken" });
      expect(await eventsOf(server)).toEqual([
        "session.created",
        "session.turn_added",
        "session.pinned",
        "session.updated",
        "session.removed",
        "session.created",
      ]);
    });
    test("conversations are listed newest first from a cursor, of one person, of one status", async () => {
      const server = await start();
      for (const n of [1, 2, 3, 4, 5]) await begin(server, { id: `s${n}`, userId: n % 2 === 0 ? "even" : "odd" });
      const ids = async (query: object) => (await listSessions(server, EVERYWHERE, { limit: 10, ...query })).items.map(({ id }) => id);
      const first = await listSessions(server, EVERYWHERE, { limit: 2 });
      expect(first.items.map(({ id }) => id)).toEqual(["s5", "s4"]);
      expect(await ids({ cursor: first.nextCursor ?? 0 })).toEqual(["s3", "s2", "s1"]);
      expect(await ids({ userId: "even" })).toEqual(["s4", "s2"]);
      elapsed = 90_000_000;
      await sweepSessions(server);
      expect([await ids({ status: "expired" }), await ids({ status: "active" })]).toEqual([["s5", "s4", "s3", "s2", "s1"], []]);
      expect((await listSessions(server, EVERYWHERE, { limit: 5 })).nextCursor).not.toBeNull();
      expect((await listSessions(server, EVERYWHERE, { limit: 6 })).nextCursor).toBeNull();
    });
    test("turns have numbers without gaps, however many are added at once, and are read after or before one", async () => {
      const server = await start();
      const { id } = await begin(server);
      await Promise.all(Array.from({ length: 12 }, (_, at) => say(server, id, `turn ${at}`)));
      const numbers = async (query: object) => (await listTurns(server, id, { limit: 5, ...query })).items.map(({ n }) => n);
      expect(await numbers({})).toEqual([8, 9, 10, 11, 12]);
      expect(await numbers({ before: 8 })).toEqual([3, 4, 5, 6, 7]);
      expect(await numbers({ after: 0 })).toEqual([1, 2, 3, 4, 5]);
      expect(await numbers({ after: 9, before: 11 })).toEqual([10]);
      expect((await getSession(server, id)).turns).toBe(12);
    });
    test("the same turn under the same key is added once, and another under it is refused", async () => {
      const server = await start();
      const { id } = await begin(server);
      const added = await Promise.all([1, 2, 3].map(() => say(server, id, "Once", {}, "key")));
      expect(added.map(({ turn }) => turn.n)).toEqual([1, 1, 1]);
      expect(added.filter(({ created }) => created)).toHaveLength(1);
      await expect(say(server, id, "Twice", {}, "key")).rejects.toMatchObject({ code: "idempotency_mismatch" });
    });
    test("what is told is the last turns that fit, what is pinned always, and how many are left out", async () => {
      const server = await start();
      const { id } = await begin(server, { window: { turns: 3, tokens: 500 } });
      await say(server, id, "one");
      await addPin(server, id, { turn: 1 });
      for (const word of ["two", "three", "four"]) await say(server, id, word, { role: word === "three" ? "assistant" : "user" });
      const context = await getContext(server, id, undefined);
      expect(context).toMatchObject({ pinned: ["one"], omitted: 1, summary: null, since: null });
      expect(context.turns.map(({ content }) => content)).toEqual(["two", "three", "four"]);
      expect(context.text).toMatch(/- one\n\n\(Turns 1 to 1 are left out.*\n\n\[The person\]\ntwo\n\n\[An agent\]\nthree/s);
      await say(server, id, "x".repeat(1900));
      expect((await getContext(server, id, undefined)).turns.map(({ n }) => n)).toEqual([3, 4, 5]);
      await say(server, id, "y".repeat(5000));
      const long = await getContext(server, id, undefined);
      expect(long.turns.map(({ content }) => content)).toEqual([expect.stringMatching(/^y{1990,2000} … \(cut here\)$/)]);
      expect(long.approxTokens).toBeLessThan(600);
    });
    test("pins are one each, bounded, and can be taken away", async () => {
      const server = await start();
      const { id } = await begin(server);
      const { pin } = await addPin(server, id, { content: "Ship on Friday." });
      expect(await addPin(server, id, { content: "Ship on Friday." })).toEqual({ pin, created: false });
      await expect(addPin(server, id, { turn: 7 })).rejects.toMatchObject({ code: "bad_input" });
      for (let n = 0; n < 4; n++) await addPin(server, id, { content: `${n}`.padEnd(4000, "-") });
      await expect(addPin(server, id, { content: "z".repeat(4000) })).rejects.toMatchObject({ code: "conflict" });
      await removePin(server, id, pin.id);
      await expect(removePin(server, id, pin.id)).rejects.toMatchObject({ code: "not_found" });
      expect((await getSession(server, id)).pins).toHaveLength(4);
    });
    test("a day without a turn ends it: it can be read and takes nothing more, and later it is removed", async () => {
      const server = await start();
      const { id } = await begin(server);
      await say(server, id, "Anybody?");
      elapsed = 86_390_000;
      await sweepSessions(server);
      expect((await getSession(server, id)).status).toBe("active");
      // Also before the sweep has seen it.
      elapsed = 86_410_000;
      await expect(say(server, id, "Hello?")).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("Begin a new one") });
      await sweepSessions(server);
      expect(await getSession(server, id)).toMatchObject({ status: "expired", turns: 1, reason: expect.stringContaining("can be read until") });
      expect((await listTurns(server, id, { limit: 5 })).items).toHaveLength(1);
      await expect(addPin(server, id, { content: "x" })).rejects.toMatchObject({ code: "conflict" });
      elapsed = 200_000_000;
      await sweepSessions(server);
      await expect(getSession(server, id)).rejects.toMatchObject({ code: "not_found" });
      expect((await eventsOf(server)).slice(2)).toEqual(["session.expired", "session.removed"]);
    });
    test("nothing is said in a session that is not there", async () => {
      const server = await start();
      await expect(say(server, "nobody", "Hello")).rejects.toMatchObject({ code: "not_found" });
      await expect(listTurns(server, "nobody", { limit: 1 })).rejects.toMatchObject({ code: "not_found" });
      await expect(getContext(server, "nobody", undefined)).rejects.toMatchObject({ code: "not_found" });
      await expect(removeSession(server, "nobody")).rejects.toMatchObject({ code: "not_found" });
    });
  });
}
