// Why a call to an agent that speaks Agent2Agent came to nothing: what goes wrong on the wire, in the SDK or at the agent, as one kind of error
// that carries the failure it is. It never leaves this folder.
import { A2A_ERROR_CODE, A2AError, isJsonRpcError } from "@a2a-js/sdk/errors";
import { toFailure } from "../exchange.ts";
import { type Failure, fail } from "../time-limit.ts";

export class CallProblem extends Error {
  readonly failure: Failure;
  /** What it was refused for, where that decides how to go on: it knows no such task; it has no such method. */
  readonly refused: "task" | "method" | undefined;
  constructor(failure: Failure, refused?: "task" | "method") {
    super(failure.detail);
    this.name = "CallProblem";
    this.failure = failure;
    this.refused = refused;
  }
  /** Whether the same question may be answered in a moment: nobody was there, or nobody had time. */
  get mayPass(): boolean {
    return this.refused === undefined && (this.failure.kind === "unavailable" || this.failure.kind === "quota");
  }
}
export const problem = (kind: Failure["kind"], detail: string): CallProblem => new CallProblem(fail(kind, detail));

/** What `fetch` threw: the reason is inside of its "fetch failed" and "terminated". */
export function toWireProblem(error: unknown): CallProblem {
  if (error instanceof CallProblem) return error;
  return new CallProblem(toFailure(error instanceof TypeError && error.cause !== undefined ? error.cause : error));
}

/** What the SDK threw. An error the agent answered with is its own; whatever else the SDK stumbles over is an answer that is not A2A. */
export function toCallProblem(error: unknown): CallProblem {
  if (error instanceof CallProblem) return error;
  if (error instanceof A2AError) return toReported(error);
  if (error instanceof Error && (error.cause instanceof A2AError || error.cause instanceof CallProblem)) return toCallProblem(error.cause);
  return problem("invalid_response", `The answer is not A2A: ${error instanceof Error ? error.message : String(error)}`);
}

/** By the name the protocol gives it: the SDK's classes differ by transport, their names end alike. */
function toReported(error: A2AError): CallProblem {
  const detail = `The agent answered with an error: ${error.message}`;
  if (error.name.endsWith("TaskNotFoundError")) return new CallProblem(fail("unavailable", `It does not know the task any more. ${detail}`), "task");
  const isUnknownMethod = isJsonRpcError(error) && error.envelopeCode === A2A_ERROR_CODE.METHOD_NOT_FOUND;
  if (isUnknownMethod || error.name.endsWith("UnsupportedOperationError")) return new CallProblem(fail("agent_error", detail), "method");
  return problem(error.name.endsWith("InvalidAgentResponseError") ? "invalid_response" : "agent_error", detail);
}
