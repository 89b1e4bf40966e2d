// The catalogue through the public client: every entry on a backing, tasks by capability and by role name, and personas on the way.
import { expect, test } from "vitest";
import { command, startJourney } from "./world.fixture.ts";

test("every entry of the catalogue is registered on a command and takes a task by each of its capabilities", async () => {
  const { client } = await startJourney();
  const { items } = await client.listCatalogue();
  for (const { name: entry } of items) await client.createAgentFromCatalogue({ body: { entry, backing: command } });
  const { total } = await client.listAgents();
  expect(total).toBe(items.length);
  for (const { name, capabilities } of items) {
    const requirements = capabilities.map((one) => one.name);
    const { steps } = await client.previewTask({ body: { description: "echo", steps: [{ id: "one", requirements, agent: name }] } });
    expect(steps[0]?.assignment?.agentName, name).toBe(name);
  }
  const done = await client.waitForTask((await client.submitTask({ body: { description: "echo x", requirements: ["security_implementation"] } })).id);
  expect(done.status).toBe("completed");
  expect(items.find(({ name }) => name === done.steps[0]?.attempts[0]?.assignment.agentName)?.capabilities.map(({ name }) => name)).toContain(
    "security_implementation",
  );
});

test("an agent that takes no persona of itself has it before the description; without one the description is as it was", async () => {
  const { client, addCommand } = await startJourney();
  await addCommand("plain");
  await client.createAgentFromCatalogue({ body: { entry: "ai-scrum-master", backingAgent: "plain", persona: "echo You are a sailor.", name: "sailor" } });
  const ask = async (agent: string) => {
    const { id } = await client.submitTask({ body: { description: "echo the tides", steps: [{ id: "one", agent, description: "echo the tides" }] } });
    return (await client.waitForTask(id)).result;
  };
  expect(await ask("plain")).toBe("echo the tides");
  expect(await ask("sailor")).toBe("echo You are a sailor.\n\necho the tides");
});

test("a pipeline's role names are found once their entries are registered, and a name goes before an alias", async () => {
  const { client, addCommand } = await startJourney();
  await expect(client.getAgent({ params: { id: "code-reviewer" } })).rejects.toMatchObject({ code: "not_found" });
  await client.createAgentFromCatalogue({ body: { entry: "code-reviewer", backing: command } });
  expect(await client.getAgent({ params: { id: "code-reviewer" } })).toMatchObject({ name: "code-generation-improver", category: "development" });
  const task = await client.submitTask({ body: { description: "echo", steps: [{ id: "one", agent: "code-reviewer", description: "echo" }] } });
  expect((await client.waitForTask(task.id)).status).toBe("completed");
  await addCommand("code-reviewer");
  expect((await client.getAgent({ params: { id: "code-reviewer" } })).name).toBe("code-reviewer");
  await client.removeAgent({ params: { id: "code-generation-improver" } });
});

test("what is a part of Baton is shown and not registered, and a backing is given once", async () => {
  const { client } = await startJourney({ maxConcurrentAttempts: 3 });
  expect(await client.getCatalogueEntry({ params: { id: "background-processor" } })).toMatchObject({ kind: "service", maxConcurrentTasks: 3 });
  await expect(client.createAgentFromCatalogue({ body: { entry: "background-processor", backing: command } })).rejects.toMatchObject({ code: "conflict" });
  await expect(client.createAgentFromCatalogue({ body: { entry: "ai-scrum-master" } })).rejects.toMatchObject({ code: "bad_input" });
  const elsewhere = { kind: "http" as const, endpoint: "http://169.254.169.254" };
  await expect(client.createAgentFromCatalogue({ body: { entry: "ai-scrum-master", backing: elsewhere } })).rejects.toMatchObject({ code: "unsafe_endpoint" });
});
