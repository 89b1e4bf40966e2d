// What messages pass before they are kept: the stages there are, in order, and those of an installation, which may change and refuse.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sqliteStores } from "../tasks/tasks.testkit.ts";
import { messageStats } from "./messages.ts";
import { openTestPost, type TestPost } from "./messages.testkit.ts";

let written = 0;
async function openWith(module: string): Promise<TestPost> {
  const directory = mkdtempSync(join(tmpdir(), "baton-stages-"));
  const file = join(directory, `stages-${++written}.mjs`);
  writeFileSync(file, module);
  const stores = sqliteStores();
  onTestFinished(() => {
    stores.remove();
    rmSync(directory, { recursive: true, force: true });
  });
  const post = await openTestPost(stores.open, { messageStagesFile: file });
  onTestFinished(() => post.stop());
  return post;
}
const SIGNED = { keyId: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", signedAt: "2027-01-15T08:00:00Z", value: "A".repeat(86) };

test("stages of an installation come before a message is kept, in their order, and are told by name", async () => {
  const post = await openWith(`export default [
    { name: "first", pass: ({ payload, senderId, signed }) => ({ payload: [payload, senderId, signed] }) },
    { name: "second", pass: async ({ payload }) => ({ payload: { was: payload }, priority: "high" }) },
    { name: "looker", pass: () => undefined },
  ];`);
  expect((await messageStats(post)).stages).toEqual(["sender", "flood", "signature", "first", "second", "looker", "keep"]);
  await post.send("bob", 1);
  expect(await post.take("bob")).toMatchObject([{ payload: { was: [1, "id-ann", false] }, priority: "high", recipientId: "id-bob" }]);
});
test("one that refuses ends the message there, and its sender is told why", async () => {
  const post = await openWith(`export default [
    { name: "no-cards", pass: ({ payload }, { refuse }) => (/\\d{16}/.test(JSON.stringify(payload)) ? refuse("Card numbers stay out.") : undefined) },
    { name: "never", pass: () => { throw new Error("it went on"); } },
  ].slice(0, 1);`);
  await expect(post.send("bob", { card: "4111111111111111" })).rejects.toMatchObject({ code: "forbidden", message: "Card numbers stay out." });
  await post.send("bob", "none");
  expect(await post.take("bob")).toMatchObject([{ payload: "none" }]);
});
test("a signature is looked at before them, so what is none does not reach them", async () => {
  const post = await openWith(`export default [{ name: "any", pass: () => { throw new Error("it was reached"); } }];`);
  await expect(post.send("bob", 1, { id: "m", signature: SIGNED })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("none of this message"),
  });
});
test("what it makes of a message must be one, and to whom it goes is not its to change", async () => {
  const post = await openWith(`export default [{ name: "bad", pass: ({ payload }) => payload }];`);
  await expect(post.send("bob", { priority: "loud" })).rejects.toThrow("made of a message what is none");
  await expect(post.send("bob", { recipientId: "cid" })).rejects.toThrow("it may change payload");
  await post.send("bob", {});
  expect(await post.take("cid")).toEqual([]);
});
test.each([
  ["export default 1;", "no list of stages"],
  ["export default [{ name: 'A b', pass: () => 1 }];", "stage 0"],
  ["export default [{ name: 'a' }];", "stage 0"],
  ["this is none", "cannot be read"],
])("a module without stages is refused at the start: %s", async (module, why) => {
  await expect(openWith(module)).rejects.toMatchObject({ code: "bad_input", message: expect.stringContaining(why) });
});
