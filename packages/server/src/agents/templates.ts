// Templates: reusable mappings for HTTP agents. Four are built in and may not be changed; others come by the API or from YAML
// files, which are read at start. Held in memory, because every call of an HTTP agent needs its template.
import { parse, Refusal, type Template, templateInput, type TemplateInput } from "@baton/contract";
import type { EventLog, NewEvent } from "../events/events.ts";
import { type Clock, iso } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import type { Seal } from "../std/seal.ts";
import { type Db, tryAgain, type Tx } from "../store/db.ts";
import { builtinTemplates } from "./builtin-templates.ts";
import { maskHeaders, unmask } from "./masks.ts";
import { readYamlFolder } from "./yaml-folder.ts";
import { deleteTemplate, insertTemplate, lockTemplate, selectTemplates, type TemplateRow, updateTemplate } from "./template-rows.ts";

export interface TemplatesWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  events: EventLog;
  seal: Seal;
}
/** Header values that may be secrets are masked here; `find` has them as they are, for the connector. */
export interface Templates {
  find(idOrName: string): Template | undefined;
  /** @throws Refusal `not_found`. */
  get(idOrName: string): Template;
  list(): Template[];
  create(input: TemplateInput): Promise<Template>;
  replace(idOrName: string, input: TemplateInput, saw?: Saw<Template>): Promise<Template>;
  remove(idOrName: string, saw?: Saw<Template>): Promise<void>;
  refresh(): Promise<void>;
}

/** @param directory of `*.yaml` files, each a template or a list of them; a name that is there already stays as it is. */
export async function openTemplates(world: TemplatesWorld, directory: string | undefined): Promise<Templates> {
  let known = new Map<string, Template>();
  const refresh = async () => {
    known = new Map((await selectTemplates(world.db)).map((row) => toTemplate(row, world.seal)).map((template) => [template.id, template]));
  };
  const find = (idOrName: string): Template | undefined =>
    known.get(idOrName) ?? [...known.values()].find((one) => one.name === idOrName || String(one.seq) === idOrName);
  const getOpen = (idOrName: string): Template => {
    const template = find(idOrName);
    if (!template) throw new Refusal("not_found", `There is no template ${idOrName}. Known: ${[...known.values()].map((one) => one.name).join(", ")}.`);
    return template;
  };
  const get = (idOrName: string): Template => toMasked(getOpen(idOrName));
  const getOwn = (idOrName: string): Template => {
    const template = getOpen(idOrName);
    if (template.isBuiltin) throw new Refusal("conflict", `${template.name} is built in and stays as it is. Create a template of your own from it.`);
    return template;
  };
  async function change(work: (tx: Tx) => Promise<void>, event: NewEvent): Promise<void> {
    await world.db.transaction(async (tx) => {
      await work(tx);
      await world.events.append(tx, [event]);
    });
    world.events.committed();
    await refresh();
  }
  await seed(world, directory);
  await refresh();
  return {
    find,
    get,
    list: () => [...known.values()].map(toMasked),
    create: async (input) => {
      const row = toRow(input, world.newId(), world.clock.now(), false, world.seal);
      await change(
        async (tx) => {
          if (!(await insertTemplate(tx, row))) throw new Refusal("name_taken", `There is a template ${input.name} already.`);
        },
        { type: "template.created", data: { id: row.id, name: row.name } },
      );
      return get(row.id);
    },
    replace: async (idOrName, input, saw) => {
      const { id } = getOwn(idOrName);
      const other = find(input.name);
      if (other && other.id !== id) throw new Refusal("name_taken", `There is a template ${input.name} already.`);
      await change(
        async (tx) => {
          const stored = await lockTemplate(tx, id);
          if (!stored) throw new Refusal("not_found", `Template ${idOrName} was removed just now.`);
          const before = toTemplate(stored, world.seal);
          const headers = unmask(input.requestMapping.headers, before.requestMapping.headers);
          const meant = { ...input, requestMapping: { ...input.requestMapping, headers } };
          const row = { ...toRow(meant, id, world.clock.now(), false, world.seal), created_at: stored.created_at, seq: stored.seq };
          await updateTemplate(tx, row);
          saw?.(toMasked(before), toMasked(toTemplate(row, world.seal)));
        },
        { type: "template.updated", data: { id, name: input.name } },
      );
      return get(id);
    },
    remove: async (idOrName, saw) => {
      const { id, name } = getOwn(idOrName);
      await change(
        async (tx) => {
          const removed = await deleteTemplate(tx, id);
          if (removed) saw?.(toMasked(toTemplate(removed, world.seal)), undefined);
        },
        { type: "template.removed", data: { id, name } },
      );
    },
    refresh,
  };
}

async function seed(world: TemplatesWorld, directory: string | undefined): Promise<void> {
  const now = world.clock.now();
  const rows = [
    ...builtinTemplates.map((input) => toRow(input, `builtin-${input.name}`, now, true, world.seal)),
    ...(directory === undefined ? [] : readTemplates(directory)).map((input) => toRow(input, world.newId(), now, false, world.seal)),
  ];
  await tryAgain(world.db, () =>
    world.db.transaction(async (tx) => {
      for (const row of rows) await insertTemplate(tx, row);
    }),
  );
}
/** @throws Refusal `bad_input` naming file and path. */
function readTemplates(directory: string): TemplateInput[] {
  return readYamlFolder(directory).flatMap(({ name, content }) => {
    const list = Array.isArray(content)
      ? content
      : typeof content === "object" && content !== null && "templates" in content
        ? (content.templates as unknown[])
        : [content];
    return list.map((one, at) => parse(templateInput, one, `${name}[${at}]`));
  });
}
function toRow(input: TemplateInput, id: string, now: number, builtin: boolean, seal: Seal): Omit<TemplateRow, "seq"> {
  return {
    id,
    name: input.name,
    display_name: input.displayName ?? input.name,
    description: input.description,
    framework: input.framework,
    request_mapping: seal.seal(JSON.stringify(input.requestMapping)),
    response_mapping: JSON.stringify(input.responseMapping),
    auth_config: JSON.stringify(input.authConfig),
    config: JSON.stringify(input.config),
    example_request: input.exampleRequest === undefined ? null : JSON.stringify(input.exampleRequest),
    example_response: input.exampleResponse === undefined ? null : JSON.stringify(input.exampleResponse),
    is_builtin: builtin ? 1 : 0,
    is_active: input.isActive ? 1 : 0,
    created_at: now,
    updated_at: now,
  };
}
const toMasked = (template: Template): Template => ({
  ...template,
  requestMapping: { ...template.requestMapping, headers: maskHeaders(template.requestMapping.headers) },
});
const toTemplate = (row: TemplateRow, seal: Seal): Template => ({
  id: row.id,
  seq: row.seq,
  name: row.name,
  displayName: row.display_name,
  description: row.description,
  framework: row.framework,
  requestMapping: JSON.parse(seal.open(row.request_mapping)),
  responseMapping: JSON.parse(row.response_mapping),
  authConfig: JSON.parse(row.auth_config),
  config: JSON.parse(row.config),
  ...(row.example_request === null ? {} : { exampleRequest: JSON.parse(row.example_request) }),
  ...(row.example_response === null ? {} : { exampleResponse: JSON.parse(row.example_response) }),
  isActive: row.is_active === 1,
  isBuiltin: row.is_builtin === 1,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});
