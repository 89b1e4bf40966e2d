// Which model is asked, and what becomes of its answers.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { readModel } from "./model.mjs";

interface Asked {
  path: string | undefined;
  key: string | undefined;
  body: { model?: string };
}
async function startModel(status: number, answer: string, headers: Record<string, string> = {}): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ path: request.url, key: request.headers.authorization, body: JSON.parse(body) as Asked["body"] });
      response.writeHead(status, headers).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
const completion = JSON.stringify({ choices: [{ message: { content: "Yes." } }], usage: { prompt_tokens: 7, completion_tokens: 2 } });
const never = new AbortController().signal;
const question = [{ role: "user" as const, content: "Is it?" }];

test.each([
  ["OpenAI, at a proxy", { provider: "openai" }, { OPENAI_API_KEY: "sk-1" }, "/v1/chat/completions", "Bearer sk-1"],
  ["Groq, at a proxy", {}, { MODEL_PROVIDER: "groq", GROQ_API_KEY: "gsk-1" }, "/v1/chat/completions", "Bearer gsk-1"],
  ["a compatible one with a key", {}, { MODEL_API_KEY: "k" }, "/v1/chat/completions", "Bearer k"],
  ["a compatible one without", {}, {}, "/v1/chat/completions", undefined],
])("%s", async (_, values, environment, path, key) => {
  const { url, asked } = await startModel(200, completion);
  const model = readModel({ ...values, model: "m", "base-url": `${url}/v1/` }, environment);
  expect(await model?.ask(question, never)).toEqual({ text: "Yes.", usage: { inputTokens: 7, outputTokens: 2 } });
  expect(asked).toEqual([{ path, key, body: { model: "m", messages: question } }]);
});

test.each(["", "/", "/v1", "/api"])("Ollama, where its address ends with %j", async (end) => {
  const { url, asked } = await startModel(200, completion);
  await readModel({}, { MODEL: "llama", OLLAMA_API_URL: `${url}${end}` })?.ask(question, never);
  expect(asked[0]?.path).toBe("/v1/chat/completions");
});

test.each([
  [{}, { OPENAI_API_KEY: "sk-1", MODEL: "m" }, "openai"],
  [{}, { GROQ_API_KEY: "g", MODEL: "m" }, "groq"],
  [{ "base-url": "http://127.0.0.1:1/v1" }, { OPENAI_API_KEY: "sk-1", MODEL: "m" }, "custom"],
])("of %j and %j it is %s", (values, environment, provider) => {
  expect(readModel(values, environment)?.provider).toBe(provider);
});

test.each([
  [{}, {}, undefined],
  [{ model: "m" }, {}, "Where is m?"],
  [{ provider: "groq", model: "m" }, {}, "needs its key in GROQ_API_KEY"],
  [{ provider: "constructor", model: "m" }, {}, "openai, groq, ollama, custom are known"],
  [{ provider: "custom", model: "m" }, {}, "needs --base-url"],
  [{ "base-url": "file:///etc/passwd", model: "m" }, {}, "an http or https address"],
  [{ provider: "ollama" }, {}, "Which model of ollama?"],
])("%j and %j", (values, environment, message) => {
  if (message === undefined) expect(readModel(values, environment)).toBeUndefined();
  else expect(() => readModel(values, environment)).toThrow(message);
});

test.each([
  [429, JSON.stringify({ error: { message: "Slow down." } }), { "retry-after": "7" }, "HTTP 429: Slow down. (retry after 7)", true],
  [503, "gone", {}, "HTTP 503: gone", true],
  [401, "no", {}, "HTTP 401: no", false],
  [200, "<html>", {}, "gave no answer in its answer: <html>", true],
  [200, JSON.stringify({ choices: [{ message: { content: " " } }] }), {}, "gave no answer", true],
])("an answer of %i %j", async (status, answer, headers, message, mayPass) => {
  const { url } = await startModel(status, answer, headers);
  const failed = readModel({ model: "m", "base-url": url }, {})?.ask(question, never);
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining(message) as string, mayPass });
});

test("nobody there may pass; an end that was asked for is no trouble of the model's", async () => {
  const model = readModel({ model: "m", "base-url": "http://127.0.0.1:1" }, {});
  await expect(model?.ask(question, never)).rejects.toMatchObject({ message: expect.stringContaining("could not be reached") as string, mayPass: true });
  await expect(model?.ask(question, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
});
