// The scripted model by plain calls, as each kind of client makes them.
import { expect, onTestFinished, test } from "vitest";
import { startModelServer } from "./model-server.ts";

const schema = { type: "object", properties: { file_path: { type: "string" }, content: { type: "string" }, force: { type: "boolean" } }, required: ["force"] };
const written = { file_path: "a.txt", content: "hello there\n", force: false };
const prompt = "Please [[write a.txt hello there]] and [[say It is there.]]";

/** What a client of the wire sends for a prompt, and once more with the tool's result behind it. */
const wires = [
  {
    path: "/v1/messages",
    tools: [{ name: "Write", input_schema: schema }],
    ask: { messages: [{ role: "user", content: [{ type: "text", text: prompt }] }] },
    result: {
      messages: [
        { role: "user", content: prompt },
        { role: "assistant", content: [] },
        { role: "user", content: [{ type: "tool_result" }] },
      ],
    },
    called: { content: [{ type: "tool_use", name: "Write", input: written }], stop_reason: "tool_use" },
    said: { content: [{ type: "text", text: "It is there." }], stop_reason: "end_turn", usage: { input_tokens: 1200, output_tokens: 34 } },
  },
  {
    path: "/v1/chat/completions",
    tools: [{ type: "function", function: { name: "write_file", parameters: schema } }],
    ask: { messages: [{ role: "user", content: prompt }] },
    result: { messages: [{ role: "user", content: prompt }, { role: "assistant" }, { role: "tool", content: "ok" }] },
    called: { choices: [{ message: { tool_calls: [{ function: { name: "write_file", arguments: expect.stringContaining('"force":false') as string } }] } }] },
    said: { choices: [{ message: { content: "It is there." }, finish_reason: "stop" }], usage: { prompt_tokens: 1200, completion_tokens: 34 } },
  },
  {
    path: "/v1/responses",
    tools: [{ type: "custom", name: "apply_patch" }],
    ask: { input: [{ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }] },
    result: { input: [{ role: "user", content: prompt }, { type: "custom_tool_call" }, { type: "custom_tool_call_output" }] },
    called: { output: [{ type: "custom_tool_call", name: "apply_patch", input: expect.stringContaining("*** Add File: a.txt\n+hello there\n") as string }] },
    said: { output: [{ type: "message", content: [{ text: "It is there." }] }], usage: { input_tokens: 1200, output_tokens: 34 } },
  },
  {
    path: "/v1beta/models/any:generateContent",
    tools: [{ functionDeclarations: [{ name: "write_file", parametersJsonSchema: schema }] }],
    ask: { contents: [{ role: "user", parts: [{ text: prompt }] }] },
    result: {
      contents: [
        { role: "user", parts: [{ text: prompt }] },
        { role: "model", parts: [] },
        { role: "user", parts: [{ functionResponse: {} }] },
      ],
    },
    called: { candidates: [{ content: { parts: [{ functionCall: { name: "write_file", args: written } }] } }] },
    said: { candidates: [{ content: { parts: [{ text: "It is there." }] } }], usageMetadata: { promptTokenCount: 1200, candidatesTokenCount: 34 } },
  },
];

async function open() {
  const model = await startModelServer();
  onTestFinished(() => model.close());
  const post = (path: string, body: object, signal?: AbortSignal) =>
    fetch(model.url + path, { method: "POST", body: JSON.stringify(body), ...(signal ? { signal } : {}) });
  return { model, post };
}

test.each(wires)("$path: the tool the client offers is called, then the words are said", async ({ path, tools, ask, result, called, said }) => {
  const { model, post } = await open();
  expect(await (await post(path, { ...ask, tools })).json()).toMatchObject(called);
  expect(await (await post(path, { ...result, tools })).json()).toMatchObject(said);
  expect(model.calls.map(({ reply }) => reply)).toEqual(["call", "text"]);
});

test("a failure has the status that was asked for", async () => {
  const { post } = await open();
  expect((await post("/v1/messages", { messages: [{ role: "user", content: "[[fail 429]]" }] })).status).toBe(429);
});

test("an answer without an end ends when the client lets go", async () => {
  const { model, post } = await open();
  const client = new AbortController();
  const answer = await post("/v1/chat/completions", { stream: true, messages: [{ role: "user", content: "[[hang]]" }] }, client.signal);
  expect(answer.status).toBe(200);
  expect(model.hanging()).toBe(1);
  client.abort();
  await expect.poll(() => model.hanging()).toBe(0);
});

test("a word is recalled only by who sends the earlier prompts again", async () => {
  const { post } = await open();
  const recall = async (...prompts: string[]) =>
    (await post("/v1/messages", { messages: prompts.map((content) => ({ role: "user", content })) })).json() as Promise<{ content: { text: string }[] }>;
  expect((await recall("[[remember heron]]", "[[recall]]")).content[0]?.text).toBe("I was told heron.");
  expect((await recall("[[recall]]")).content[0]?.text).toBe("I was told nothing.");
});
