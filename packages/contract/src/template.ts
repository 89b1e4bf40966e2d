// A template: how a request is built for, and an answer read from, an HTTP agent. The mapping language is JSONPath in
// strings that start with `$.`, over {description, context, step_input, config}; everything else is literal.
import { z } from "zod";
import { id, instant, json, label, text } from "./json.ts";

export const requestMapping = z.strictObject({
  method: z.enum(["GET", "POST"]).default("POST"),
  /** Joined to the agent's endpoint. `{name}` is filled from the agent's `config`. */
  path: text(2000).default("/process"),
  /** Values may hold `${ENV_NAME}` or `${secret:name}`, filled in when the agent is called. */
  headers: z.record(z.string().max(200), text(8000)).default({}),
  bodyMapping: json.default({}),
});
export type RequestMapping = z.infer<typeof requestMapping>;

export const responseMapping = z.strictObject({
  statusPath: text(500).optional(),
  resultPath: text(500).default("$.result"),
  errorPath: text(500).optional(),
});
export type ResponseMapping = z.infer<typeof responseMapping>;

/** What an agent changes of its template, field by field. Without defaults: a field that is left out stays the template's. */
export const mappingOverride = z.strictObject({
  request: z
    .strictObject({
      method: requestMapping.shape.method.unwrap().optional(),
      path: requestMapping.shape.path.unwrap().optional(),
      headers: requestMapping.shape.headers.unwrap().optional(),
      bodyMapping: json.optional(),
    })
    .optional(),
  response: z
    .strictObject({ statusPath: text(500).optional(), resultPath: responseMapping.shape.resultPath.unwrap().optional(), errorPath: text(500).optional() })
    .optional(),
});
export type MappingOverride = z.infer<typeof mappingOverride>;

export const authConfig = z.strictObject({
  type: z.enum(["none", "bearer_token"]).default("none"),
  /** The name of an environment variable of the server that holds the token. Only names listed in BATON_AGENT_ENV may be used. */
  envVar: text(200).optional(),
});
export type AuthConfig = z.infer<typeof authConfig>;

const fields = {
  name: id,
  displayName: label.optional(),
  description: text(4000).default(""),
  framework: text(100).default("custom"),
  requestMapping: requestMapping.prefault({}),
  responseMapping: responseMapping.prefault({}),
  authConfig: authConfig.prefault({}),
  /** Values for `{name}` in the path and `$.config.name` in the body; an agent's own `config` wins. */
  config: z.record(z.string().max(200), json).default({}),
  exampleRequest: json.optional(),
  exampleResponse: json.optional(),
  isActive: z.boolean().default(true),
};
export const templateInput = z.strictObject(fields);
export type TemplateInput = z.infer<typeof templateInput>;

export const template = z.object({
  id: z.string(),
  seq: z.number().int(),
  ...fields,
  displayName: z.string(),
  isBuiltin: z.boolean(),
  createdAt: instant,
  updatedAt: instant,
});
export type Template = z.infer<typeof template>;
