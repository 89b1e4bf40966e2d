// The state of a graph's thread when a run has ended: what came out, or what the graph waits for. Pure.
import type { Json } from "@baton/contract";
import { selectAll } from "../../std/json-path.ts";
import { toProblem } from "./heard.ts";
import { isObject, textOf, toList } from "./message.ts";

export interface Interrupt {
  /** Undefined where the server gives interrupts no ids. */
  id: string | undefined;
  value: Json;
}
export interface GraphState {
  values: Json;
  /** Nodes that would be next; empty when the graph is through. */
  next: string[];
  interrupts: Interrupt[];
  problem: string | undefined;
}

/** Undefined when it is no state of a thread. */
export function toState(value: Json): GraphState | undefined {
  if (!isObject(value) || value["values"] === undefined) return undefined;
  const tasks = toList(value["tasks"]);
  const problem = tasks.map(({ error }) => error).find((error) => error !== undefined && error !== null && error !== "");
  return {
    values: value["values"],
    next: Array.isArray(value["next"]) ? value["next"].filter((node) => typeof node === "string") : [],
    interrupts: tasks
      .flatMap(({ interrupts }) => toList(interrupts))
      .map(({ id, value: asked }) => ({ id: typeof id === "string" ? id : undefined, value: asked ?? null })),
    problem: problem === undefined ? undefined : toProblem(problem),
  };
}

/** Undefined when `path` matches nothing. @throws Refusal when it takes too long. */
export function toOutput(values: Json, path: string | undefined): Json | undefined {
  if (path !== undefined) {
    const found = selectAll(values, path);
    return found.length > 1 ? found : found[0];
  }
  const last = toList(isObject(values) ? values["messages"] : undefined).at(-1);
  return last === undefined ? values : textOf(last["content"]);
}

export const messageIds = (values: Json): string[] =>
  toList(isObject(values) ? values["messages"] : undefined).flatMap(({ id }) => (typeof id === "string" ? [id] : []));
