// The five-stage agent by its own doors, without a server: work that is handed in again, its bounds, and how it is put down.
import { expect, test } from "vitest";
import { at, stagesOf, startGraphAgent, twoSteps, untilWaiting } from "./graph-agent.fixture.ts";

interface Answer {
  result?: { id: string; contextId: string; status: { state: string; message?: { parts: { text?: string }[] } }; artifacts?: { parts: { text?: string }[] }[] };
  error?: { message: string };
}
async function call(url: string, method: string, params: object, headers: Record<string, string> = {}): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  return (await (await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body })).json()) as Answer;
}
/** In 0.3, as most others speak. */
const send = (url: string, text: string, given: { blocking?: boolean; work?: object } = {}) => {
  const metadata = given.work === undefined ? {} : { metadata: { "urn:baton:work": given.work } };
  const message = { kind: "message", messageId: crypto.randomUUID(), role: "user", parts: [{ kind: "text", text }], ...metadata };
  return call(url, "message/send", { message, configuration: { blocking: given.blocking ?? true, acceptedOutputModes: [] } });
};
const answerOf = ({ result }: Answer) => result?.artifacts?.[0]?.parts[0]?.text;
const wordsOf = ({ result }: Answer) => result?.status.message?.parts[0]?.text;
const stateOf = async (url: string, id = "") => (await call(url, "tasks/get", { id })).result?.status.state;

test("the same step handed in again is answered with what there is, and with other words worked on anew", async () => {
  const agent = await startGraphAgent();
  const work = { taskId: "task", stepId: "step" };
  const request = `Name a colour. ${at("Finalize", "say", "Blue.")}`;
  expect(answerOf(await send(agent.url, request, { work }))).toBe("Blue.");
  const asked = agent.model.calls.length;
  expect(answerOf(await send(agent.url, request, { work }))).toBe("Blue.");
  expect(agent.model.calls).toHaveLength(asked);
  expect(answerOf(await send(agent.url, `${request} Another.`, { work }))).toBe("Blue.");
  expect(agent.model.calls.length).toBeGreaterThan(asked);
});

test("whoever hands the same step in again while it is worked on takes it over", async () => {
  const agent = await startGraphAgent();
  const work = { taskId: "task", stepId: "step" };
  const request = `${at("Analyze", "say", { goal: "x" })} ${at("Plan", "wait")} ${at("Finalize", "say", "Once.")}`;
  const first = await send(agent.url, request, { work, blocking: false });
  await untilWaiting(agent.model);
  const second = send(agent.url, request, { work });
  await expect.poll(() => stateOf(agent.url, first.result?.id)).toBe("canceled");
  await untilWaiting(agent.model);
  agent.model.goOn();
  expect(answerOf(await second)).toBe("Once.");
  expect(stagesOf(agent.model).filter((stage) => stage === "Analyze")).toHaveLength(1);
});

test("a ninth task is refused while it works on eight", async () => {
  const agent = await startGraphAgent();
  const eight = await Promise.all(Array.from({ length: 8 }, () => send(agent.url, at("Analyze", "wait"), { blocking: false })));
  await expect.poll(() => agent.model.waiting()).toBe(8);
  const ninth = await send(agent.url, "And this.");
  expect([ninth.result?.status.state, wordsOf(ninth)]).toEqual(["rejected", "It already works on 8 tasks."]);
  await Promise.all(eight.map(({ result }) => call(agent.url, "tasks/cancel", { id: result?.id })));
  await expect.poll(() => agent.model.waiting()).toBe(0);
  expect(await agent.health()).toMatchObject({ active: 0 });
});

test("asked to end it puts its work down, and goes on with it when it is started again", async () => {
  const agent = await startGraphAgent();
  const request = `${twoSteps} ${at("Analyze", "say", { goal: "x" })} ${at("step 2 of 2", "wait")} ${at("Finalize", "say", "Whole.")}`;
  const { result } = await send(agent.url, request, { blocking: false });
  await untilWaiting(agent.model);
  expect(await agent.stop()).toBe(0);
  expect(agent.model.waiting()).toBe(0);
  await agent.start();
  await untilWaiting(agent.model);
  expect(await stateOf(agent.url, result?.id)).toBe("working");
  agent.model.goOn();
  await expect.poll(() => stateOf(agent.url, result?.id)).toBe("completed");
  expect(answerOf(await call(agent.url, "tasks/get", { id: result?.id }))).toBe("Whole.");
  expect(stagesOf(agent.model).slice(0, 5)).toEqual(["Analyze", "Plan", "Execute", "Execute", "Execute"]);
});

test("what is no message of text or data is refused, and so is a broken envelope", async () => {
  const agent = await startGraphAgent();
  const empty = await send(agent.url, "");
  expect([empty.result?.status.state, wordsOf(empty)]).toEqual(["rejected", "There is nothing to do: send text or data."]);
  const envelope = await fetch(`${agent.url}/a2a/message`, { method: "POST", headers: { "content-type": "application/json" }, body: '{"sender":"me"}' });
  expect([envelope.status, await envelope.json()]).toMatchObject([400, { code: "bad_envelope" }]);
  const page = await fetch(agent.url, { method: "POST", headers: { "content-type": "application/json", origin: "https://evil.example" }, body: "{}" });
  expect(page.status).toBe(403);
  expect(agent.model.calls).toEqual([]);
});
