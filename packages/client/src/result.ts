// What an agent's function returns -> the outcome that is sent. Plain JSON is the output itself; `result()` adds to it.
import { type Artifact, type Json, type Outcome, outcome } from "@baton/contract";
import { reasonOf } from "./unreachable.ts";

type Ok = Extract<Outcome, { ok: true }>;
const isResult: unique symbol = Symbol("result");

/** More than an output. Made by `result()`, so that an output that happens to have such fields stays an output. */
export interface WorkResult {
  readonly [isResult]: true;
  output: Json;
  artifacts?: Artifact[] | undefined;
  usage?: Ok["usage"];
  cost?: Ok["cost"];
}

/**
 * Returned by an agent's function that has more to hand over than its output:
 *
 *     return result({ output: { words: 120 }, artifacts: [{ type: "report", name: "summary.md", content: text }],
 *                     usage: { inputTokens: 900, outputTokens: 140 }, cost: { amount: 0.004, currency: "USD" } });
 */
export function result(parts: { output: Json; artifacts?: Artifact[]; usage?: NonNullable<Ok["usage"]>; cost?: NonNullable<Ok["cost"]> }): WorkResult {
  return { [isResult]: true, ...parts };
}

/** What the server takes of one attempt. */
const MAX_OUTCOME_BYTES = 10_000_000;
const MAX_DETAIL = 20_000;

/** Never throws: what cannot be sent is a failure of the agent, and says why. `undefined` is sent as null. */
export function toOutcome(returned: unknown): Outcome {
  const made: unknown = isWorkResult(returned) ? { ok: true, ...returned } : { ok: true, output: returned ?? null };
  try {
    const text = JSON.stringify(made);
    if (new TextEncoder().encode(text).byteLength > MAX_OUTCOME_BYTES) return toFailure("limit", `The result is larger than ${MAX_OUTCOME_BYTES} bytes.`);
    const parsed = outcome.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    return toFailure(
      "invalid_response",
      `The result cannot be sent: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
    );
  } catch (error) {
    return toFailure("invalid_response", `The result is not JSON: ${reasonOf(error)}`);
  }
}

export function toFailure(kind: Extract<Outcome, { ok: false }>["kind"], detail: string): Outcome {
  return { ok: false, kind, detail: detail.replaceAll("\u0000", "\uFFFD").toWellFormed().slice(0, MAX_DETAIL) };
}

const isWorkResult = (value: unknown): value is WorkResult => typeof value === "object" && value !== null && isResult in value;
