// What is peculiar to known agents, with a fake one that speaks in shapes recorded from each.
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AcpAgent, AcpConnector } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptContext } from "../connector.testsuite.ts";
import { type AcpBench, openAcpBench } from "./acp.testkit.ts";

let bench: AcpBench;
let cwd: string;
beforeAll(async () => {
  bench = await openAcpBench();
  cwd = join(bench.directory, "work");
  await mkdir(cwd);
});
afterAll(() => bench.close());
const deny: Partial<AcpConnector> = { permissions: { rules: [], otherwise: "deny", askTimeoutMs: 1_000 } };
const carryOut = (agent: AcpAgent, description: string, settings: Partial<AcpConnector> = {}, context = attemptContext(), conversation?: string) =>
  bench.carryOut(
    description,
    bench.agent([`--as=${agent}`, "--load"], { agent, cwd, ...settings }, { id: agent }),
    context,
    conversation === undefined ? {} : { conversation },
  );

test.each<[AcpAgent, string, string]>([
  ["claude", "Done: allow.", "Done: reject."],
  ["gemini", "Done: proceed_once.", "Done: cancel."],
])("%s goes on after a yes and after a no", async (agent, yes, no) => {
  expect(await carryOut(agent, "write")).toMatchObject({ ok: true, output: yes, usage: { inputTokens: 2468, outputTokens: 112 } });
  expect(await carryOut(agent, "write", deny)).toMatchObject({ ok: true, output: no });
});
test("claude's cost is its process's", async () => {
  expect(await carryOut("claude", "write")).toMatchObject({ cost: { amount: 0.01514, currency: "USD" } });
});
test("claude's call that was refused is told as refused", async () => {
  const context = attemptContext();
  await carryOut("claude", "write", deny, context);
  expect(context.updates.filter((update) => update.kind === "tool").at(-1)).toMatchObject({ status: "denied" });
});
test("claude's and copilot's way to say that the model's API is used up is understood", async () => {
  expect(await carryOut("claude", "limited")).toMatchObject({ ok: false, kind: "quota" });
  expect(await carryOut("copilot", "limited")).toMatchObject({ ok: false, kind: "quota", detail: expect.stringContaining("429 Too Many Requests") });
  expect(await carryOut("qwen", "limited")).toMatchObject({ ok: false, kind: "quota", until: expect.stringMatching(/^20/) });
});
test("copilot's way to say that the model's API failed is no answer", async () => {
  expect(await carryOut("copilot", "unavailable")).toMatchObject({ ok: false, kind: "unavailable" });
  expect(await carryOut("copilot", "rejected")).toMatchObject({ ok: false, kind: "agent_error", detail: "Error: 400 the model is not there" });
});
test("codex's way to say it is no answer either", async () => {
  expect(await carryOut("codex", "limited")).toMatchObject({ ok: false, kind: "quota" });
  expect(await carryOut("codex", "busy")).toMatchObject({ ok: false, kind: "unavailable", usage: { inputTokens: 1234, outputTokens: 56 } });
  expect(await carryOut("codex", "uncounted")).toMatchObject({ ok: false, kind: "agent_error", detail: "the model is not there" });
});
test("copilot's asides are no part of the answer", async () => {
  const context = attemptContext();
  expect(await carryOut("copilot", "write", {}, context)).toMatchObject({
    ok: true,
    output: "Done: file written.",
    usage: { inputTokens: 2468, outputTokens: 112 },
    conversation: expect.stringMatching(/^session-/),
  });
  expect(context.said).toContainEqual({ message: `Info: ${cwd}/out.txt` });
});
test("copilot and codex end their turn after a no, which is no success", async () => {
  expect(await carryOut("copilot", "write", deny)).toMatchObject({
    ok: false,
    kind: "agent_error",
    detail: "It ended without an answer; it was refused: Create file.",
  });
  expect(await carryOut("codex", "write", deny)).toMatchObject({
    ok: false,
    kind: "agent_error",
    detail: "It stopped by itself; it was refused: Edit out.txt.",
  });
});
test("gemini is not offered files through its client, and its conversations are not kept", async () => {
  const outcome = await carryOut("gemini", "reveal");
  expect(outcome).toMatchObject({ output: expect.stringContaining('"fs":{"readTextFile":false,"writeTextFile":false}') });
  expect(outcome.conversation).toBeUndefined();
});
test("gemini's models are chosen as its draft of the protocol has it", async () => {
  expect(await carryOut("gemini", "reveal", { model: "Flash", mode: "yolo" })).toMatchObject({
    output: expect.stringMatching(/"modeId":"yolo".*"modelId":"gemini-3-flash"/),
  });
});
test("claude's modes and models are settings of the conversation", async () => {
  expect(await carryOut("claude", "reveal", { model: "haiku", mode: "Accept Edits" })).toMatchObject({
    output: expect.stringMatching(/"configId":"mode","value":"acceptEdits".*"configId":"model","value":"haiku"/),
  });
});
test("qwen's figures of each call are summed up", async () => {
  const context = attemptContext();
  expect(await carryOut("qwen", "write", {}, context)).toMatchObject({ ok: true, output: "Done.", usage: { inputTokens: 2468, outputTokens: 112 } });
  expect(context.updates).toContainEqual({ kind: "usage", inputTokens: 1234, outputTokens: 56, cost: null });
});
test("qwen's loading of what it does not know is not taken for more", async () => {
  const context = attemptContext();
  expect(await carryOut("qwen", "write", {}, context, "of-nobody")).toMatchObject({ ok: true, output: "Done.", conversation: "of-nobody" });
  expect(context.updates).toContainEqual({ kind: "note", text: expect.stringContaining("may have begun a new one") });
});
describe("opencode", () => {
  test("writes through its client; its figures are those of its last call, and so unknown when there were more", async () => {
    const outcome = await carryOut("opencode", "write");
    expect(outcome).toMatchObject({ ok: true, output: "Done: file written.", cost: { amount: 0.002692, currency: "USD" } });
    expect(outcome.usage).toBeUndefined();
    expect(await readFile(join(cwd, "out.txt"), "utf8")).toBe("hi\n");
  });
  test("figures of a turn with one call are the turn's", async () => {
    expect(await carryOut("opencode", "talk")).toMatchObject({ usage: { inputTokens: 1234, outputTokens: 56 }, cost: { amount: 0.001346, currency: "USD" } });
  });
  test("cost of a conversation whose beginning nobody remembers is unknown", async () => {
    const agent = bench.agent(["--as=opencode", "--load"], { agent: "opencode", cwd }, { id: "forgetful" });
    const first = await bench.carryOut("remember this", agent);
    const { session } = JSON.parse(first.conversation ?? "{}") as { session: string };
    const second = await bench.carryOut("remember that", agent, attemptContext(), { conversation: session });
    expect(second).toMatchObject({ ok: true, output: expect.stringContaining("after remember this") });
    expect(second.cost).toBeUndefined();
  });
});
