// A graph that interrupts itself: what a person is asked, and what the graph is told of the answer.
import type { Json } from "@baton/contract";
import { parseAgentJson } from "../agent-text.ts";
import type { Answer, Question } from "../connector.ts";
import { isObject, toList, wordOr } from "./message.ts";
import type { GraphState, Interrupt } from "./state.ts";

const MAX_TITLE = 500;

/** One question for all that the graph waits for. Tool calls held for review, and breakpoints, want a yes or no; everything else an answer. */
export function toQuestion({ interrupts, next }: GraphState, timeoutMs: number): Question {
  const [first] = interrupts;
  if (first === undefined) return { kind: "permission", title: `The graph stopped before ${next.join(", ")}. May it go on?`, detail: { next }, timeoutMs };
  const kind = interrupts.every(isReview) ? "permission" : "input";
  const more = interrupts.length > 1 ? ` (and ${interrupts.length - 1} more)` : "";
  const detail = interrupts.length === 1 ? first.value : interrupts.map(({ value }) => value);
  return { kind, title: `${titleOf(first.value).slice(0, MAX_TITLE)}${more}`, detail, timeoutMs };
}

/** How a run goes on after the answer; undefined when it cannot: nobody answered a question that needs an answer. */
export function toResumption(state: GraphState, answer: Answer): { input: null } | { command: Json } | undefined {
  const approved = answer.decision === "approved";
  if (state.interrupts.length === 0) return approved ? { input: null } : undefined;
  if (!approved && !state.interrupts.every(isReview)) return undefined;
  const [first, ...others] = state.interrupts.map((interrupt) => [interrupt.id, toReply(interrupt, answer)] as const);
  if (first === undefined) return undefined;
  if (others.length === 0) return { command: { resume: first[1] } };
  return { command: { resume: Object.fromEntries([first, ...others].flatMap(([id, reply]) => (id === undefined ? [] : [[id, reply]]))) } };
}

/** LangChain's middleware holds tool calls for review as {action_requests: [...]} and reads one decision for each. */
const isReview = ({ value }: Interrupt): boolean => isObject(value) && Array.isArray(value["action_requests"]);

function toReply(interrupt: Interrupt, { decision, comment }: Answer): Json {
  const said = toSaid(comment);
  if (!isReview(interrupt)) return said ?? true;
  if (isObject(said) && Array.isArray(said["decisions"])) return said;
  const one: Json = decision === "approved" ? { type: "approve" } : { type: "reject", ...(comment ? { message: comment } : {}) };
  const requests = isObject(interrupt.value) ? toList(interrupt.value["action_requests"]) : [];
  return { decisions: requests.map(() => one) };
}

/** What a person typed; an object or list in JSON is meant as such. */
function toSaid(comment: string | null): Json | undefined {
  if (comment === null || comment === "") return undefined;
  const parsed = /^\s*[[{]/.test(comment) ? parseAgentJson(comment) : undefined;
  return parsed?.ok === true ? parsed.value : comment;
}

function titleOf(value: Json): string {
  if (typeof value === "string") return value;
  if (!isObject(value)) return JSON.stringify(value);
  const request = toList(value["action_requests"])[0];
  if (request !== undefined) return `It wants to call ${wordOr(request["name"], wordOr(request["action"], "a tool"))}.`;
  const told = ["question", "message", "title", "description", "prompt"].map((name) => value[name]).find((text) => typeof text === "string" && text !== "");
  return typeof told === "string" ? told : JSON.stringify(value);
}
