// JSON Schema of the files people write, so that their editors check and complete them: what `baton run -f` takes, and the plans of a library.
// Made from the contract; what the server alone can know (agents, projects, plans there are) is told when a file is handed in.
import { planTemplate, taskInput } from "@baton/contract";
import type { FastifyInstance } from "fastify";
import { type Json, openComponents } from "./openapi-components.ts";

const FILES = {
  task: {
    schema: taskInput,
    title: "Task file",
    description: "A task for `baton run -f`. Names may be written in snake_case too; editors know them as they are here.",
  },
  plan: {
    schema: planTemplate,
    title: "Plan of a library",
    description: "A plan for common work, in `BATON_PLANS_DIR`; `{{name}}` in its texts is an input's value.",
  },
} as const;
export type FileKind = keyof typeof FILES;
export const fileKinds = Object.keys(FILES) as FileKind[];

export function toFileSchema(kind: FileKind): Json {
  const { schema, title, description } = FILES[kind];
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, description, ...openComponents().toInline(schema) };
}
/** Open to everybody, as editors show no key: it says nothing but what this version takes. */
export function mountFileSchemas(app: FastifyInstance): void {
  for (const kind of fileKinds)
    app.get(`/api/v1/schemas/${kind}.json`, { config: { isOpen: true } }, (_, reply) =>
      reply.header("content-type", "application/schema+json; charset=utf-8").send(JSON.stringify(toFileSchema(kind))),
    );
}
