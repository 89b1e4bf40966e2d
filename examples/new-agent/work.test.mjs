// npm test. The work alone, without a server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { doWork } from "./work.mjs";

const tools = { signal: new AbortController().signal, progress: () => undefined };

await test("counts the words of the description", async () => {
  const answer = await doWork({ description: "One word, and one more." }, tools);
  assert.deepEqual(answer, {
    words: 5,
    different: 4,
    frequent: [
      { word: "one", count: 2 },
      { word: "word", count: 1 },
      { word: "and", count: 1 },
      { word: "more", count: 1 },
    ],
  });
});

await test("counts the words of the input where there is one", async () => {
  const { words } = /** @type {{ words: number }} */ (await doWork({ description: "Count this.", input: "a b c" }, tools));
  assert.equal(words, 3);
});

await test("fails, saying why, when there is nothing to do", async () => {
  await assert.rejects(doWork({ description: "…" }, tools), /nothing to count/);
});

await test("stops when nobody wants the answer any more", async () => {
  await assert.rejects(doWork({ description: "one" }, { ...tools, signal: AbortSignal.abort() }), { name: "AbortError" });
});
