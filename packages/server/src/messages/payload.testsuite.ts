// What is promised of payloads on every store: a sensitive one is told to those it is for alone, a long one is kept short.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import type { OpenStore } from "../tasks/tasks.testkit.ts";
import { selectMessage } from "./message-rows.ts";
import { getMessage, getResponse, listDeadLetters, listMessages, listOpen, redeliverMessage } from "./messages.ts";
import { OPERATOR, openTestPost, type TestPost } from "./messages.testkit.ts";

export function testPayloads(store: string, freshStore: () => Promise<OpenStore>): void {
  describe(`payloads on ${store}`, () => {
    let open: OpenStore;
    let post: TestPost;
    beforeEach(async () => {
      open = await freshStore();
      post = await openTestPost(open);
    });
    afterEach(() => post.stop());
    const ids = (items: { id: string }[]) => items.map(({ id }) => id);
    const payloads = (items: { payload: unknown }[]) => items.map(({ payload }) => payload);

    test("a sensitive payload is told to who takes it, and is in no other answer, nor in the store", async () => {
      const { message } = await post.say({ recipientId: "desk", payload: { pin: "4711-secret" }, sensitive: true });
      const looked = [message, await getMessage(post, message.id), ...(await listMessages(post, EVERYWHERE, { limit: 9 })).items];
      looked.push(...(await listOpen(post, "desk", { after: 0, limit: 9 })).items);
      for (const one of looked) expect(one).toMatchObject({ sensitive: true, payload: null, withheld: expect.stringContaining("sensitive") });
      expect(JSON.stringify(await selectMessage(post.db, message.id))).not.toContain("4711");
      const [got] = await post.take("desk");
      expect(got).toMatchObject({ sensitive: true, payload: { pin: "4711-secret" } });
      expect(got).not.toHaveProperty("withheld");
      await post.fail("desk", message.id, "no", true);
      expect((await listDeadLetters(post, EVERYWHERE, { limit: 9 })).items).toMatchObject([{ id: message.id, payload: null }]);
    });
    test("a sensitive message sent again is the same message, and refused when it says something else", async () => {
      const said = { id: "s1", senderId: "ann", recipientId: "bob", payload: "a", sensitive: true };
      expect((await post.say(said)).created).toBe(true);
      expect((await post.say(said)).created).toBe(false);
      for (const other of [{ payload: "b" }, { sensitive: false }])
        await expect(post.say({ ...said, ...other })).rejects.toMatchObject({ code: "idempotency_mismatch" });
      expect(await post.take("bob")).toHaveLength(1);
    });
    test("a sensitive answer is told to who asked, and to nobody else who looks", async () => {
      const { message } = await post.say({ senderId: "desk", recipientId: "bob", pattern: "request_response" });
      await post.say({ senderId: "bob", pattern: "request_response", correlationId: message.id, payload: "four", sensitive: true });
      const person = (name: string) => ({ ...OPERATOR, kind: "user" as const, name });
      expect((await getResponse(post, message.id, 0, person("desk"))).response).toMatchObject({ payload: "four" });
      expect((await getResponse(post, message.id, 0, person("eve"))).response).toMatchObject({ payload: null, sensitive: true });
    });
    test("what was sealed under another key is a dead letter that can be delivered again, and holds up nobody", async () => {
      const sealed = await post.send("bob", "secret", { sensitive: true });
      const behind = await post.send("bob", "plain");
      const restart = async (key: Buffer) => {
        await post.stop();
        post = await openTestPost(open, { key });
      };
      await restart(Buffer.alloc(32, 8));
      expect(ids(await post.take("bob"))).toEqual([behind]);
      const { items } = await listDeadLetters(post, EVERYWHERE, { limit: 9 });
      expect(items).toMatchObject([{ id: sealed, delivery: { reason: expect.stringContaining("another key") } }]);
      await post.done("bob", behind);
      await restart(Buffer.alloc(32, 7));
      await redeliverMessage(post, items[0]?.delivery.id ?? "");
      expect(payloads(await post.take("bob"))).toEqual(["secret"]);
    });
    test("a long payload is kept shorter where that helps, and arrives as it was", async () => {
      const payload = { lines: Array.from({ length: 400 }, (_, n) => `line ${n}: żółć`) };
      for (const sensitive of [false, true]) {
        const id = await post.send("bob", payload, { sensitive });
        const row = await selectMessage(post.db, id);
        expect(row?.encoding).toBe(sensitive ? "packed sealed" : "packed");
        expect(row?.payload.length).toBeLessThan(JSON.stringify(payload).length / 2);
        const got = await post.take("bob");
        expect(payloads(got)).toEqual([payload]);
        await post.done("bob", id);
      }
    });
    test("what is short in the store and long in memory is handed out in parts that fit", async () => {
      for (let n = 0; n < 3; n++) await post.send("bob", "x".repeat(9 << 20));
      const got = await post.take("bob");
      expect(got).toHaveLength(1);
    });
  });
}
