// Registering an HTTP agent through a template: one test call first, so that what is stored is known to answer in the
// format its mapping reads.
import { type Agent, type AgentFromTemplate, agentInput, type ConnectionResult, type ConnectionTest, parse, Refusal, relocating } from "@baton/contract";
import type { AgentsWorld } from "./agents.ts";
import { checkRegistration, createAgent } from "./create-agent.ts";
import type { Templates } from "./templates.ts";

export interface FromTemplateWorld extends AgentsWorld {
  templates: Templates;
  testConnection(input: ConnectionTest): Promise<ConnectionResult>;
}
/** @throws Refusal `not_found` for the template; `conflict` when the test call fails and `force` is not set; else as createAgent. */
export async function registerFromTemplate(world: FromTemplateWorld, input: AgentFromTemplate): Promise<Agent> {
  const template = world.templates.get(input.templateId);
  if (!template.isActive) throw new Refusal("conflict", `Template ${template.name} is switched off.`);
  const reach = {
    endpoint: input.endpoint,
    template: template.name,
    ...(input.mapping === undefined ? {} : { mapping: input.mapping }),
    ...(input.auth === undefined ? {} : { auth: input.auth }),
    ...(input.config === undefined ? {} : { config: input.config }),
  };
  if (world.registry.find(input.name)) throw new Refusal("name_taken", `There is an agent with the name ${input.name} already.`);
  const registration = parse(
    agentInput,
    {
      name: input.name,
      description: input.description ?? template.description,
      type: template.framework,
      connector: { kind: "http", ...reach },
      capabilities: input.capabilities,
      ...(input.projectId === undefined ? {} : { projectId: input.projectId }),
      ...(input.maxConcurrentTasks === undefined ? {} : { maxConcurrentTasks: input.maxConcurrentTasks }),
    },
    "body",
  );
  // Before the test call, so that an address that may not be called is named as such.
  await relocating("body.connector.", "body.", () => checkRegistration(world, registration));
  if (!input.force) {
    const tested = await relocating("connector.", "body.", () => world.testConnection({ ...reach, testQuery: "Hello, this is a test" }));
    if (!tested.success)
      throw new Refusal(
        "conflict",
        `The agent did not pass its test call: ${(tested.error ?? tested.message).replace(/\.$/, "")}. Mend it, or register with force: true.`,
      );
  }
  return relocating("body.connector.", "body.", () => createAgent(world, registration));
}
