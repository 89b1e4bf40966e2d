// The five-stage agent, started as its user starts it, registered by its card, and put to work by a real server.
import { expect, test } from "vitest";
import { at, stagesOf, startGraphAgent, twoSteps, untilWaiting } from "./graph-agent.fixture.ts";
import { startJourney } from "./world.fixture.ts";

const good = at("Reflect", "say", { good: true });
const register = { name: "thinker", maxConcurrentTasks: 4 };

async function stand(given?: Parameters<typeof startGraphAgent>[0]) {
  const agent = await startGraphAgent(given);
  const journey = await startJourney();
  await journey.client.createAgent({ body: { ...register, connector: { kind: "a2a", url: agent.url } } });
  const toldOf = async (attemptId = ""): Promise<string> => {
    const { items } = await journey.client.listAttemptUpdates({ params: { id: attemptId } });
    return items.map(({ update }) => (update.kind === "text" ? update.text : "")).join("");
  };
  return { agent, ...journey, toldOf };
}

test("a task is worked on in five stages, which are seen one after the other", async () => {
  const { agent, client, until, toldOf } = await stand();
  const description = `Name a colour. ${twoSteps} ${at("Analyze", "say", { goal: "one colour" })} ${good} ${at("Finalize", "say", "Blue.")}`;
  const { id } = await client.submitTask({ body: { description, requirements: ["reasoning"] } });
  const task = await until(id, ({ status }) => status === "completed" || status === "failed");
  expect(task).toMatchObject({ status: "completed", result: "Blue." });
  const [attempt] = task.steps[0]?.attempts ?? [];
  const told = await toldOf(attempt?.id);
  const said = [
    "Analyze: one colour",
    "Plan: 1. find: find it\n2. write: write it",
    "Execute: step 1 of 2, find",
    "Execute: step 2 of 2, write",
    "Reflect: good",
    "Finalize: the answer",
    "Blue.",
  ];
  expect(said.map((words) => told.indexOf(words)).every((place, index, all) => place >= 0 && place >= (all[index - 1] ?? 0))).toBe(true);
  expect(stagesOf(agent.model)).toEqual(["Analyze", "Plan", "Execute", "Execute", "Reflect", "Finalize"]);
  expect(attempt?.outcome?.usage).toMatchObject({ inputTokens: 6 * 1200, outputTokens: 6 * 34 });
});

test("reflection sends work back with what is wrong, and no more often than it may", async () => {
  const { agent, client, until, toldOf } = await stand({ args: ["--max-reflections", "1"] });
  const bad = { good: false, critique: "Too short.", redo: ["write"] };
  const description = `Write. ${twoSteps} ${at("Reflect", "say", bad)} ${at("Finalize", "say", "Short.")}`;
  const { id } = await client.submitTask({ body: { description, requirements: ["writing"] } });
  const task = await until(id, ({ status }) => status === "completed" || status === "failed");
  expect(task).toMatchObject({ status: "completed", result: "Short." });
  const told = await toldOf(task.steps[0]?.attempts[0]?.id);
  expect(told).toContain("Reflect: not good, write again: Too short.");
  expect(told).toContain("Reflect: not good, and there were 1 rounds already: Too short.");
  expect(stagesOf(agent.model)).toEqual(
    ["Analyze", "Analyze", "Plan", "Execute", "Execute", "Reflect", "Execute", "Reflect", "Finalize"].map((stage, index) =>
      index === 1 ? expect.stringContaining("That does not fit") : stage,
    ),
  );
  const again = agent.model.calls[6]?.prompt;
  expect(again).toContain("What it came to before:\nDone.");
  expect(again).toContain("What is wrong with it:\nToo short.");
  expect(agent.model.calls[8]?.prompt).toContain("Doubts:\nToo short.");
});

test("a cancelled task asks the model nothing more", async () => {
  const { agent, client, until } = await stand();
  const description = `${twoSteps} ${at("Analyze", "say", { goal: "x" })} ${at("Execute", "wait")}`;
  const { id } = await client.submitTask({ body: { description, requirements: ["reasoning"] } });
  await untilWaiting(agent.model);
  await client.cancelTask({ params: { id } });
  await until(id, ({ status }) => status === "cancelled");
  await expect.poll(() => agent.model.waiting()).toBe(0);
  await expect.poll(async () => (await agent.health()).active).toBe(0);
  expect(stagesOf(agent.model)).toEqual(["Analyze", "Plan", "Execute"]);
});

test("a conversation that goes on knows what was said before", async () => {
  const { agent, client } = await stand();
  const first = { id: "first", description: `My word is plum. ${at("Finalize", "say", "I keep plum.")}`, requirements: ["reasoning"] };
  const second = { id: "second", description: "Which word?", requirements: ["reasoning"], needs: ["first"], continues: "first" };
  const { id } = await client.submitTask({ body: { description: "Talk.", steps: [first, second] } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed" });
  const asked = agent.model.calls.map(({ prompt }) => prompt).filter((prompt) => prompt.startsWith("Stage: Analyze"));
  expect(asked[0]).not.toContain("Earlier in this conversation");
  expect(asked[1]).toContain("Asked: My word is plum.");
  expect(asked[1]).toContain("Answered: I keep plum.");
});

test("an agent that is killed goes on with the step it was at when it is started again", async () => {
  const { agent, client } = await stand();
  const description = `${twoSteps} ${at("Analyze", "say", { goal: "x" })} ${at("step 2 of 2", "wait")} ${good} ${at("Finalize", "say", "Whole.")}`;
  const { id } = await client.submitTask({ body: { description, requirements: ["reasoning"] } });
  await untilWaiting(agent.model);
  await agent.kill();
  await expect.poll(() => agent.model.waiting()).toBe(0);
  await agent.start();
  await untilWaiting(agent.model);
  agent.model.goOn();
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", result: "Whole." });
  expect(stagesOf(agent.model)).toEqual(["Analyze", "Plan", "Execute", "Execute", "Execute", "Reflect", "Finalize"]);
});

test("without a model every task is refused, saying what is missing", async () => {
  const { agent, client } = await stand({ environment: {} });
  expect(await agent.health()).toMatchObject({ model: null });
  const { id } = await client.submitTask({ body: { description: "Think.", requirements: ["reasoning"] } });
  const task = await client.waitForTask(id);
  expect(task).toMatchObject({ status: "failed", failure: { kind: "agent_error" } });
  expect(task.failure?.detail).toContain("No model is configured. Say which with --model");
});

test("what the model refuses is told as the failure, after as many tries as it deserves", async () => {
  const { agent, client } = await stand();
  const { id } = await client.submitTask({ body: { description: at("Analyze", "fail", "401"), requirements: ["reasoning"] } });
  const task = await client.waitForTask(id);
  expect(JSON.stringify(task.failure)).toContain("The model answered HTTP 401: Scripted failure 401.");
  expect(agent.model.calls).toHaveLength(1);
});

test("the older envelope is answered in its own shape", async () => {
  const agent = await startGraphAgent();
  const content = { description: `Name a colour. ${at("Finalize", "say", "Red.")}`, context: { mood: "warm" } };
  const body = JSON.stringify({ sender: "MainOrchestrator", receiver: "ResearchAgent", message_type: "request", session_id: "sess_123", content });
  const response = await fetch(`${agent.url}/a2a/message`, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect(await response.json()).toMatchObject({
    sender: "ResearchAgent",
    receiver: "MainOrchestrator",
    message_type: "response",
    session_id: "sess_123",
    content: { status: "success", response: "Red.", data: { state: "TASK_STATE_COMPLETED", steps: 1 } },
  });
});
