// Answers what Claude Code asks of whoever runs it: whether it may use a tool, and questions for a person.
//
// With rules of the registration a hook stands before every tool: unless the rules allow it, Claude Code has to ask, in every mode and
// whatever settings it finds. Without rules it asks when it thinks it should. What it asks is decided in one place, `permit`.
import type { Json, Permissions } from "@baton/contract";
import type { AttemptContext } from "../connector.ts";
import { answerOf, permit } from "../permit.ts";
import type { ControlRequest } from "./messages.ts";
import { clipJson, fieldsOf, toPermissionRequest } from "../claude-tools.ts";

const HOOK = "permission";
const ASK_MS = 600_000;

/** Said first: which hooks there are. */
export const helloRequest = (requestId: string): Json => ({
  type: "control_request",
  request_id: requestId,
  request: { subtype: "initialize", hooks: { PreToolUse: [{ matcher: null, hookCallbackIds: [HOOK] }] } },
});
export const interruptRequest = (requestId: string): Json => ({ type: "control_request", request_id: requestId, request: { subtype: "interrupt" } });
export const toControlResponse = (requestId: string, response: Json | undefined): Json => ({
  type: "control_response",
  response:
    response === undefined
      ? { subtype: "error", request_id: requestId, error: "Nobody here can answer that." }
      : { subtype: "success", request_id: requestId, response },
});

export interface Asked {
  permissions: Permissions | undefined;
  cwd: string;
  context: AttemptContext;
  /** Told of every call that was refused. */
  onDenied(callId: string): void;
}

/** Never rejects; undefined for a request nobody here understands. */
export async function answerControl(request: ControlRequest, asked: Asked): Promise<Json | undefined> {
  if (request.subtype === "hook_callback") return answerHook(request, asked);
  if (request.subtype !== "can_use_tool" || request.tool_name === undefined) return undefined;
  if (request.tool_name === "AskUserQuestion") return answerQuestions(request, asked);
  const wanted = toPermissionRequest(request.tool_name, request.input, request.decision_reason);
  const { allowed, why } = await permit(asked.permissions, asked.cwd, wanted, asked.context);
  if (allowed) return { behavior: "allow", updatedInput: request.input ?? {} };
  asked.onDenied(request.tool_use_id ?? "");
  return { behavior: "deny", message: `Not allowed: ${why}.` };
}

async function answerHook(request: ControlRequest, { permissions, cwd }: Asked): Promise<Json> {
  const told = fieldsOf(request.input);
  const wanted = toPermissionRequest(typeof told["tool_name"] === "string" ? told["tool_name"] : "", told["tool_input"], undefined);
  // Rules that cannot be applied are no reason to let it pass: then it asks, and is told.
  const { answer, why } = await answerOf(permissions, cwd, wanted).catch(() => ({ answer: "ask", why: "the rules could not be applied" }));
  if (answer === "allow") return {};
  return { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "ask", permissionDecisionReason: why } };
}

/** Its questions to a person. What the person says is the answer to each of them. */
async function answerQuestions(request: ControlRequest, { permissions, context, onDenied }: Asked): Promise<Json> {
  const input = fieldsOf(request.input);
  const listed = Array.isArray(input["questions"]) ? input["questions"] : [];
  const questions = listed.map((question) => fieldsOf(question)["question"]).filter((question) => typeof question === "string");
  const said = await context.ask({
    kind: "input",
    title: questions.join(" ").slice(0, 3_000) || "The agent asks something.",
    detail: clipJson(input),
    timeoutMs: permissions?.askTimeoutMs ?? ASK_MS,
  });
  if (said.decision === "approved")
    return { behavior: "allow", updatedInput: { ...input, answers: Object.fromEntries(questions.map((question) => [question, said.comment ?? "Yes."])) } };
  onDenied(request.tool_use_id ?? "");
  const why = said.decision === "rejected" ? `A person declined to answer${said.comment ? `: ${said.comment}` : ""}.` : "Nobody answered in time.";
  return { behavior: "deny", message: why };
}
