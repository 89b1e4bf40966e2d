// `baton agents add --catalogue …`: entries of the catalogue, registered one after the other on one backing.
import { type Agent, agentFromCatalogue, connector, Refusal } from "@baton/contract";
import { type Cli, checked, given, show } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import { plain } from "../print/text.ts";

/** What of the options of `agents add` says which entries, and on what. */
export interface CatalogueChoice {
  catalogue?: string;
  backing?: string;
  model?: string;
  baseUrl?: string;
  endpoint?: string;
  template?: string;
  command?: string;
  arg?: string[];
  capabilities?: string[];
  maxConcurrent?: number;
}

const KINDS: readonly string[] = connector.options.map((option) => option.shape.kind.value);

export async function addFromCatalogue(cli: Cli, options: CatalogueChoice, name: string | undefined): Promise<undefined> {
  const { catalogue: wanted = "", capabilities, maxConcurrent: maxConcurrentTasks } = options;
  const entries = await entriesOf(cli, wanted);
  if (name !== undefined && entries.length > 1) throw new BadUsage(`${wanted} is ${entries.length} entries, which keep their own names: leave ${name} out.`);
  const how = toBacking(options);
  const added: Agent[] = [];
  const there: string[] = [];
  for (const entry of entries) {
    const body = checked(agentFromCatalogue, { entry, ...how, ...given({ name, capabilities, maxConcurrentTasks }) });
    try {
      added.push(await cli.client.createAgentFromCatalogue({ body, idempotencyKey: crypto.randomUUID(), signal: cli.signal }));
    } catch (error) {
      // Of many, those that are there already are no reason to stop.
      if (!(error instanceof Refusal) || error.code !== "name_taken" || entries.length === 1) throw error;
      there.push(entry);
    }
  }
  show(cli, { added, alreadyThere: there }, () =>
    [
      ...added.map(({ name, status }) => `Agent ${name} is registered and ${status.state}: ${plain(status.reason)}`),
      ...there.map((entry) => `${entry} is there already.`),
    ].join("\n"),
  );
}

/** One entry's name, a category, or all. */
async function entriesOf(cli: Cli, wanted: string): Promise<string[]> {
  const { items } = await cli.client.listCatalogue({ query: {}, signal: cli.signal });
  const chosen = wanted === "all" ? items : items.filter(({ category }) => category === wanted);
  return chosen.length > 0 ? chosen.map(({ name }) => name) : [wanted];
}

/** A kind of connector with what was typed of its settings, or the name of a registered agent. */
function toBacking({ backing, model, baseUrl, endpoint, template, command, arg }: CatalogueChoice) {
  if (backing === undefined) throw new BadUsage(`Say what carries it: --backing with the name of a registered agent, or one of ${KINDS.join(", ")}.`);
  if (!KINDS.includes(backing)) return { backingAgent: backing };
  if (backing === "langgraph") return { backing: { kind: backing, ...given({ url: baseUrl, assistant: model }) } };
  return { backing: { kind: backing, ...given({ model, baseUrl, endpoint, template, command, args: arg }) } };
}
