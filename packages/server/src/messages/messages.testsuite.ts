// What messages promise on every store: written once, handed out in order and most urgent first, until they are acknowledged or dead.
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import type { OpenStore } from "../tasks/tasks.testkit.ts";
import { at, OPERATOR, openTestPost, type TestPost } from "./messages.testkit.ts";
import { createMailbox, getResponse, listDeadLetters, listMessages, listOpen, messageStats, redeliverMessage, removeMailbox } from "./messages.ts";
import { sweep } from "./sweep.ts";

const HOUR_MS = 3_600_000;

export function testMessages(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`messages on ${store}`, () => {
    let open: OpenStore;
    let post: TestPost;
    const others: TestPost[] = [];
    beforeEach(async () => {
      open = await freshStore();
      post = await openTestPost(open);
    });
    afterEach(async () => {
      for (const one of [post, ...others.splice(0)]) await one.stop();
    });
    const ids = (items: { id: string }[]) => items.map(({ id }) => id);
    const payloads = (items: { payload: unknown }[]) => items.map(({ payload }) => payload);
    const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
    const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { interval: 20 });

    test("what is sent to an agent is there for it, once, with all that was said", async () => {
      const id = await post.send(
        "bob",
        { deep: ["żółć", null, 1e-7, "\u0000"] },
        { messageType: "task_request", metadata: { a: 1 }, correlationId: "c", priority: "high" },
      );
      const [got] = await post.take("bob");
      expect(got).toMatchObject({ id, senderId: "id-ann", recipientId: "id-bob", messageType: "task_request", pattern: "point_to_point", priority: "high" });
      expect(got).toMatchObject({ payload: { deep: ["żółć", null, 1e-7, "\u0000"] }, metadata: { a: 1 }, correlationId: "c", recipients: 1 });
      expect(got?.delivery).toMatchObject({ recipientId: "id-bob", state: "handed", retryCount: 0 });
      expect(await post.take("bob")).toEqual([]);
      expect(await post.done("bob", id)).toBe(1);
      expect(await post.done("bob", id)).toBe(0);
      post.pass(HOUR_MS);
      expect(await post.take("bob")).toEqual([]);
    });
    test("a recipient nobody knows is refused, and nothing is written", async () => {
      await expect(post.send("nobody")).rejects.toMatchObject({ code: "not_found" });
      expect((await listMessages(post, EVERYWHERE, { limit: 10 })).items).toEqual([]);
    });
    test("a message of a known id is the same message when it says the same, and refused when it does not", async () => {
      const said = { id: "m1", senderId: "ann", recipientId: "bob", payload: 1 };
      const sent = await Promise.all([post.say(said), post.say(said), post.say({ ...said, payload: 2 }).catch((error: unknown) => error)]);
      expect(sent.slice(0, 2).map((one) => (one as { created: boolean }).created)).toEqual([true, false]);
      expect(sent[2]).toMatchObject({ code: "idempotency_mismatch" });
      expect((await post.say(said)).created).toBe(false);
      expect(await post.take("bob")).toHaveLength(1);
    });
    test("the more urgent goes first, and what has waited long goes before what is urgent now", async () => {
      const low = await post.send("bob", "low", at("low"));
      for (const priority of ["normal", "high", "critical"] as const) await post.send("bob", priority, at(priority));
      expect(payloads(await post.take("bob", 1))).toEqual(["critical"]);
      post.pass(4 * 60_000);
      await post.send("bob", "new critical", { ...at("critical"), senderId: "cid" });
      // Lanes are handed out whole: the first critical one is still out, so the aged others come.
      expect(payloads(await post.take("bob", 4))).toEqual(["high", "normal", "low", "new critical"]);
      expect(await post.done("bob", low)).toBe(1);
    });
    test("what failed comes again after a rest, and those behind it wait for it", async () => {
      const [a, b, c] = [await post.send("bob", "a"), await post.send("bob", "b"), await post.send("bob", "c")];
      expect(ids(await post.take("bob"))).toEqual([a, b, c]);
      await post.fail("bob", a, "not now");
      expect(await post.take("bob")).toEqual([]);
      post.pass(1001);
      await eventually(async () => ids((await listOpen(post, "bob", { after: 0, limit: 9 })).items)).toEqual([a, b, c]);
      const again = await post.take("bob", 10, 2000);
      expect(ids(again)).toEqual([a, b, c]);
      expect(again.map(({ delivery }) => delivery.retryCount)).toEqual([1, 0, 0]);
    });
    test("what is not acknowledged in time comes again, and after eight times is a dead letter that can be delivered again", async () => {
      const id = await post.send("bob", "poison");
      for (let time = 0; time < 8; time++) {
        await eventually(async () => ids(await post.take("bob"))).toEqual([id]);
        post.pass(30_001);
        await eventually(async () => (await listOpen(post, "bob", { after: 0, limit: 9 })).items.map(({ delivery }) => delivery.state)).not.toEqual(["handed"]);
        post.pass(60_001);
      }
      const { items } = await listDeadLetters(post, EVERYWHERE, { limit: 10 });
      expect(items).toMatchObject([{ id, payload: "poison", delivery: { state: "dead", reason: expect.stringContaining("8 times") } }]);
      const told = await post.events.list({ limit: 10, type: "message.dead_lettered" });
      expect(told.items[0]?.data).toMatchObject({ messageId: id, recipientId: "id-bob" });
      await redeliverMessage(post, items[0]?.delivery.id ?? "");
      expect(ids(await post.take("bob"))).toEqual([id]);
      await expect(redeliverMessage(post, items[0]?.delivery.id ?? "")).rejects.toMatchObject({ code: "conflict" });
    });
    test("to acknowledge some keeps the others for as long as they were taken for, and no longer", async () => {
      const [a, b, c] = [await post.send("bob", "a"), await post.send("bob", "b"), await post.send("bob", "c")];
      const state = async () => (await listOpen(post, "bob", { after: 0, limit: 9 })).items.map(({ delivery }) => delivery.state);
      expect(ids(await post.take("bob", 2, 0, 3000))).toEqual([a, b]);
      post.pass(2000);
      await post.done("bob", a);
      post.pass(2000);
      await settled();
      expect(await state()).toEqual(["handed", "queued"]);
      post.pass(1001);
      await eventually(state).toEqual(["queued", "queued"]);
      post.pass(1001);
      await eventually(async () => ids(await post.take("bob"))).toEqual([b, c]);
    });
    test("what is refused for good is a dead letter at once, and does not hold up those behind it", async () => {
      const [a, b] = [await post.send("bob", "a"), await post.send("bob", "b")];
      expect(ids(await post.take("bob", 1))).toEqual([a]);
      await post.fail("bob", a, "never", true);
      expect(ids(await post.take("bob"))).toEqual([b]);
      expect((await listDeadLetters(post, EVERYWHERE, { limit: 10, recipientId: "bob" })).items).toMatchObject([
        { id: a, delivery: { reason: expect.stringContaining("never") } },
      ]);
    });
    test("what nobody took in time is a dead letter", async () => {
      const id = await post.send("bob", "a", { ttlMs: 1000 });
      post.pass(1001);
      expect(await post.take("bob")).toEqual([]);
      expect((await listDeadLetters(post, EVERYWHERE, { limit: 10 })).items).toMatchObject([{ id, delivery: { reason: expect.stringContaining("expired") } }]);
      const other = await post.send("cid", "b", { ttlMs: 1000 });
      post.pass(1001);
      await eventually(async () => ids((await listDeadLetters(post, EVERYWHERE, { limit: 10 })).items)).toEqual([other, id]);
      expect(await messageStats(post)).toMatchObject({ queued: 0, handed: 0, deadLetters: 2, recipients: 0 });
    });
    test("an acknowledgement that comes late still counts", async () => {
      const id = await post.send("bob");
      await post.take("bob");
      post.pass(30_001);
      await eventually(async () => (await listOpen(post, "bob", { after: 0, limit: 9 })).items[0]?.delivery.state).toBe("queued");
      expect(await post.done("bob", id)).toBe(1);
      post.pass(60_001);
      await settled();
      expect(await post.take("bob")).toEqual([]);
    });
    test("a broadcast goes to all but its sender", async () => {
      const { message } = await post.say({ senderId: "ann", messageType: "system_announcement", payload: "hear" });
      expect(message).toMatchObject({ pattern: "broadcast", recipients: 3, recipientId: null });
      for (const name of ["bob", "cid", "desk"]) expect(payloads(await post.take(name))).toEqual(["hear"]);
      expect(await post.take("ann")).toEqual([]);
    });
    test("a topic reaches each subscriber once, by name or by star", async () => {
      for (const topic of ["builds.*", "builds.main.failed", "*", "*"]) await post.subscribe("bob", topic);
      await post.subscribe("cid", "builds.*.failed");
      await post.subscribe("desk", "health");
      expect((await post.say({ topic: "builds.main.failed", payload: 1 })).message.recipients).toBe(2);
      expect((await post.say({ topic: "builds.main.passed" })).message.recipients).toBe(1);
      expect((await post.say({ topic: "health" })).message.recipients).toBe(2);
      expect(await post.take("bob")).toHaveLength(3);
      expect(payloads(await post.take("cid"))).toEqual([1]);
    });
    test("a request is answered by whom it was put to, once, and whoever asked hears it", async () => {
      const ask = { senderId: "desk", recipientId: "bob", pattern: "request_response" as const, payload: "how many?" };
      const { message } = await post.say(ask);
      const waiting = getResponse(post, message.id, 5000, OPERATOR);
      await post.take("bob");
      const answer = { senderId: "bob", pattern: "request_response" as const, correlationId: message.id, payload: 42 };
      await expect(post.say({ ...answer, senderId: "cid" })).rejects.toMatchObject({ code: "forbidden" });
      const answered = await post.say({ ...answer, id: "a1" });
      expect((await post.say({ ...answer, id: "a1" })).created).toBe(false);
      await expect(post.say({ ...answer, payload: 43 })).rejects.toMatchObject({ code: "conflict" });
      expect(await waiting).toMatchObject({ state: "answered", response: { id: answered.message.id, payload: 42, correlationId: message.id } });
      expect(payloads(await post.take("desk"))).toEqual([42]);
      // The answer is the acknowledgement.
      expect((await listOpen(post, "bob", { after: 0, limit: 9 })).items).toEqual([]);
    });
    test("a request that nobody answers in time has timed out, and takes no answer any more", async () => {
      const { message } = await post.say({ recipientId: "bob", pattern: "request_response", timeoutMs: 1000 });
      post.pass(1001);
      await eventually(async () => (await getResponse(post, message.id, 0, OPERATOR)).state).not.toBe("waiting");
      await expect(post.say({ senderId: "bob", pattern: "request_response", correlationId: message.id })).rejects.toMatchObject({ code: "conflict" });
    });
    test("whoever waits for a message gets it when it comes", async () => {
      const waiting = post.take("bob", 10, 10_000);
      await settled();
      const id = await post.send("bob");
      expect(ids(await waiting)).toEqual([id]);
    });
    test("one sender may not flood", async () => {
      await post.stop();
      post = await openTestPost(open, { messageFlood: { perSecond: 1, burst: 2 } });
      await Promise.all([post.send("bob"), post.send("bob")]);
      await expect(post.send("bob")).rejects.toMatchObject({ code: "too_many_requests", retryAfterSeconds: 1 });
      await post.send("bob", {}, { senderId: "cid" });
      post.pass(1000);
      await post.send("bob");
    });
    test("a payload of more than 10 MB is refused", async () => {
      await expect(post.send("bob", "x".repeat(10 * 1024 * 1024))).rejects.toMatchObject({ code: "too_large" });
    });
    test("what is older than the retention is removed with all that belongs to it", async () => {
      const id = await post.send("bob");
      await post.say({ topic: "nobody.listens" });
      await post.take("bob");
      await post.done("bob", id);
      post.pass(169 * HOUR_MS);
      await eventually(async () => (await listMessages(post, EVERYWHERE, { limit: 10 })).items).toEqual([]);
    });
    test("a mailbox with something open is not removed", async () => {
      const id = await post.send("desk");
      await expect(removeMailbox(post, "desk")).rejects.toMatchObject({ code: "conflict" });
      await post.take("desk");
      await post.done("desk", id);
      await removeMailbox(post, "desk");
      await expect(post.send("desk")).rejects.toMatchObject({ code: "not_found" });
    });

    test("whatever fails, is sent twice or given back: each lane is first handed out in order, nothing is lost, nothing comes after its ack", async () => {
      const step = fc.oneof(
        fc.record({
          do: fc.constant("send" as const),
          from: fc.constantFrom("ann", "cid"),
          priority: fc.constantFrom("low" as const, "critical" as const),
          twice: fc.boolean(),
        }),
        fc.record({
          do: fc.constant("take" as const),
          limit: fc.integer({ min: 1, max: 5 }),
          fate: fc.array(fc.constantFrom("done", "fail", "keep"), { maxLength: 5 }),
        }),
        fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(100, 1500, 31_000) }),
        fc.record({ do: fc.constant("gone" as const) }),
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const box = `box-${++run}`;
          await createMailbox(post, { name: box, description: "" });
          const sent = new Map<string, string[]>();
          const first = new Map<string, string[]>();
          const acked = new Set<string>();
          let n = 0;
          const receive = async (limit: number, fates: readonly string[]) => {
            const items = await post.take(box, limit);
            for (const [index, item] of items.entries()) {
              expect(acked.has(item.id)).toBe(false);
              const lane = `${item.senderId} ${item.priority}`;
              const seen = first.get(lane) ?? [];
              if (!seen.includes(item.id)) first.set(lane, [...seen, item.id]);
              const fate = fates[index] ?? "done";
              if (fate === "done" && (await post.done(box, item.id)) === 1) acked.add(item.id);
              if (fate === "fail") await post.fail(box, item.id);
            }
            return items.length;
          };
          for (const one of steps) {
            if (one.do === "send") {
              const said = { id: `${box}-${++n}`, senderId: one.from, recipientId: box, priority: one.priority };
              await Promise.all([post.say(said), ...(one.twice ? [post.say(said)] : [])]);
              const lane = `id-${one.from} ${one.priority}`;
              sent.set(lane, [...(sent.get(lane) ?? []), said.id]);
            } else if (one.do === "take") await receive(one.limit, one.fate);
            else if (one.do === "pass") post.pass(one.ms);
            else await post.messaging.post.giveBack({ recipientId: box, reason: "gone" });
          }
          const all = [...sent.values()].flat();
          const dead = async () => ids((await listDeadLetters(post, EVERYWHERE, { limit: 500, recipientId: box })).items);
          for (let round = 0; round < 200 && acked.size + (await dead()).length < all.length; round++) {
            post.pass(61_000);
            await sweep({ ...post, wakes: post.messaging.wakes, retentionMs: post.messaging.retentionMs });
            await receive(5, []);
          }
          expect(new Set([...acked, ...(await dead())])).toEqual(new Set(all));
          for (const [lane, order] of first) expect(order).toEqual((sent.get(lane) ?? []).filter((id) => order.includes(id)));
          for (const [lane, order] of sent) expect(first.get(lane)?.length ?? 0).toBe(order.length);
        }),
        { numRuns: 25 },
      );
    }, 120_000);
  });
}
