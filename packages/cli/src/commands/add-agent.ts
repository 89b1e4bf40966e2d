// `baton agents add`: what was typed or written in a file -> a registration.
import { type Agent, type AgentInput, agentFromTemplate, agentInput } from "@baton/contract";
import { type Cli, checked, given, show } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import { readInputFile } from "../input-file.ts";
import { addFromCatalogue, type CatalogueChoice } from "./add-from-catalogue.ts";
import { plain } from "../print/text.ts";

export interface AddOptions extends CatalogueChoice {
  file?: string;
  a2a?: string;
  force?: boolean;
}

export async function addAgent(cli: Cli, options: AddOptions, name: string | undefined): Promise<undefined> {
  if (options.catalogue !== undefined) return addFromCatalogue(cli, options, name);
  const ways = [options.file, options.endpoint, options.a2a, options.command].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new BadUsage("Give one of --file, --endpoint, --a2a, --command or --catalogue.");
  const agent = await register(cli, options, name);
  show(cli, agent, () => `Agent ${agent.name} is registered and ${agent.status.state}: ${plain(agent.status.reason)}`);
}

async function register(cli: Cli, options: AddOptions, name: string | undefined): Promise<Agent> {
  const call = { idempotencyKey: crypto.randomUUID(), signal: cli.signal };
  if (options.file !== undefined) {
    const written = await readInputFile(options.file, name === undefined ? agentInput : agentInput.partial({ name: true }));
    return cli.client.createAgent({ body: checked(agentInput, { ...written, ...given({ name }) }), ...call });
  }
  if (name === undefined) throw new BadUsage("Say what the agent is called: baton agents add NAME …");
  if (options.endpoint !== undefined && options.template !== undefined) {
    const { template: templateId, endpoint, capabilities = [], maxConcurrent: maxConcurrentTasks, force } = options;
    return cli.client.createAgentFromTemplate({
      body: checked(agentFromTemplate, { templateId, name, endpoint, capabilities, ...given({ maxConcurrentTasks, force }) }),
      ...call,
    });
  }
  return cli.client.createAgent({ body: toAgentInput(name, options), ...call });
}

function toAgentInput(name: string, options: AddOptions): AgentInput {
  const { capabilities, maxConcurrent: maxConcurrentTasks } = options;
  return checked(agentInput, { name, connector: toConnector(options), ...given({ capabilities, maxConcurrentTasks }) });
}
function toConnector({ endpoint, a2a: url, command, arg }: AddOptions) {
  if (endpoint !== undefined) return { kind: "http", endpoint };
  return url === undefined ? { kind: "process", command, ...given({ args: arg }) } : { kind: "a2a", url };
}
