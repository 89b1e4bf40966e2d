// Every message, sent and accepted, against the protocol's own schema.
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AcpConnector, Json } from "@baton/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attemptContext } from "../connector.testsuite.ts";
import { type AcpBench, openAcpBench } from "./acp.testkit.ts";

type Message = { id?: number | string; method?: string; params?: Json; result?: Json; error?: { code: number; message: string } };
const require = createRequire(import.meta.url);
const schema = JSON.parse(readFileSync(join(require.resolve("@agentclientprotocol/sdk"), "../../../../schema/v1/schema.json"), "utf8")) as {
  $defs: Record<string, { "x-method"?: string }>;
};
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(schema, "acp");

/** What is wrong with a value that should be a method's `Request`, `Response` or `Notification`; undefined: nothing. */
function problemOf(method: string, part: "Request" | "Response" | "Notification", value: unknown): string | undefined {
  const name = Object.keys(schema.$defs).find((each) => schema.$defs[each]?.["x-method"] === method && each.endsWith(part));
  if (name === undefined) return `${method} has no ${part}`;
  const validate = ajv.getSchema(`acp#/$defs/${name}`);
  return validate?.(value) === true ? undefined : `${name}: ${ajv.errorsText(validate?.errors)} in ${JSON.stringify(value)}`;
}
/** All that is wrong with a log of `> message` to the agent and `< message` from it. */
function problemsOf(log: string): string[] {
  const asked = { ">": new Map<unknown, string>(), "<": new Map<unknown, string>() };
  return log
    .trim()
    .split("\n")
    .map((line): string | undefined => {
      const way = line[0] as ">" | "<";
      const message = JSON.parse(line.slice(2)) as Message;
      if (message.method !== undefined && message.id === undefined) return problemOf(message.method, "Notification", message.params);
      if (message.method !== undefined) {
        asked[way].set(message.id, message.method);
        return problemOf(message.method, "Request", message.params);
      }
      const method = asked[way === ">" ? "<" : ">"].get(message.id) ?? "nothing";
      if (message.error !== undefined)
        return Number.isInteger(message.error.code) && typeof message.error.message === "string" ? undefined : `error to ${method}`;
      return problemOf(method, "Response", message.result);
    })
    .filter((problem) => problem !== undefined);
}

let bench: AcpBench;
beforeAll(async () => {
  bench = await openAcpBench();
  await mkdir(join(bench.directory, "work"));
  await writeFile(join(bench.directory, "work", "lines"), "one\ntwo\n");
});
afterAll(() => bench.close());
const logOf = async (name: string, args: string[], words: string[], settings: Partial<AcpConnector> = {}): Promise<string> => {
  const log = join(bench.directory, `${name}.log`);
  const cwd = join(bench.directory, "work");
  const agent = bench.agent([`--log=${log}`, ...args], { cwd, ...settings }, { id: name });
  let conversation: string | undefined;
  for (const description of words) {
    const outcome = await bench.carryOut(description, agent, attemptContext(), conversation === undefined ? {} : { conversation });
    conversation = outcome.conversation;
  }
  return readFileSync(log, "utf8");
};
const mcpServers = [
  { name: "files", command: "/bin/true", args: [], env: { A: "b" } },
  { name: "net", url: "http://127.0.0.1:1/", headers: { a: "b" } },
];

test.each<[string, string[], string[], Partial<AcpConnector>]>([
  ["turns", ["--http", "--modes"], ["rich", "progress", "stop max_tokens", "fail"], { mcpServers, mode: "code", authMethod: "key" }],
  ["permissions", [], ["may edit a.txt", "may execute a.txt", "may edit a.txt allow_once", "mayknown"], {}],
  ["files", [], ['file read {"path":"CWD/lines","line":1}', 'file read {"path":"/etc/hosts"}', 'file write {"path":"CWD/new","content":"x"}'], {}],
  ["conversations", ["--load"], ["remember this", "remember that"], {}],
  ["claude", ["--as=claude", "--load"], ["write", "limited"], { agent: "claude", model: "haiku", mode: "acceptEdits" }],
  ["copilot", ["--as=copilot"], ["write", "limited"], { agent: "copilot" }],
  ["codex", ["--as=codex"], ["write"], { agent: "codex" }],
  ["gemini", ["--as=gemini"], ["write"], { agent: "gemini" }],
  ["opencode", ["--as=opencode"], ["write", "talk"], { agent: "opencode" }],
  ["qwen", ["--as=qwen"], ["write"], { agent: "qwen" }],
])("messages of %s are the protocol's", async (name, args, words, settings) => {
  const log = await logOf(
    name,
    args,
    words.map((each) => each.replace("CWD", join(bench.directory, "work"))),
    settings,
  );
  expect(log.match(/"session\/prompt"/g)).toHaveLength(words.length);
  expect(problemsOf(log)).toEqual([]);
});
test("a cancel is the protocol's", async () => {
  const log = join(bench.directory, "cancel.log");
  const context = attemptContext();
  const outcome = bench.carryOut("patient", bench.agent([`--log=${log}`]), context);
  await expect.poll(() => context.updates.length).toBeGreaterThan(0);
  context.abort("Enough.");
  await outcome;
  expect(readFileSync(log, "utf8")).toContain('"session/cancel"');
  expect(problemsOf(readFileSync(log, "utf8"))).toEqual([]);
});
test.each([
  ["session/update", "Notification", { sessionId: "s", update: { sessionUpdate: "tool_call", title: "without an id" } }],
  ["session/prompt", "Response", { stopReason: "of_tomorrow" }],
  ["session/request_permission", "Request", { sessionId: "s", toolCall: { toolCallId: "t" } }],
] as const)("and what is not the protocol's is told: %s", (method, part, value) => {
  expect(problemOf(method, part, value)).toBeDefined();
});
