// The mapping language: a body with JSONPath in it, filled from what an attempt knows. Pure.
import type { Json, Work } from "@baton/contract";
import { fill } from "../std/json-path.ts";

/** What paths in a mapping see. `context` also holds each earlier output as `step_<id>`. */
export interface Scope {
  description: string;
  context: Json;
  step_input: Json;
  config: Json;
  task: Json;
  steps: Json;
}

export function toScope(work: Work, config: Record<string, Json>): Scope {
  const { task, steps, session = null } = work.context;
  const outputs = Object.fromEntries(Object.entries(steps).map(([id, output]) => [`step_${id}`, output]));
  return { description: work.description, context: { ...outputs, task, steps, session }, step_input: work.input, config, task, steps };
}

/** What a connection test knows: a question, and nothing of any task. */
export const toTestScope = (description: string, config: Record<string, Json>): Scope => ({
  description,
  context: { task: null, steps: {}, session: null },
  step_input: null,
  config,
  task: null,
  steps: {},
});

/** `$` and `$.…` become what they match (one the value, several a list, none null); objects and lists recurse; the rest is literal. */
export const mapValue = (mapping: Json, scope: Scope): Json => fill(mapping, { ...scope });
