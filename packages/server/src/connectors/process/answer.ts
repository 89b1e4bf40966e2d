// What a command's output means. Pure, but for nothing.
//
// `text`: all of stdout is the output, without the line end at its end.
// `json`: stdout as a whole if it is JSON, else its last line that is JSON, is the answer. When the last line begins like JSON and is
//   not, the answer was cut off and there is none. The answer is
//   - an object with `output` or `error` and no other fields than `output`, `artifacts`, `usage`, `cost`, `error`:
//     those are the outcome's fields, as in the contract; `error` (text, or {kind?, detail? | message?}) makes it a failure;
//   - any other JSON: the output itself.
import { artifact, type Json, type Outcome, outcomeFailures, type OutcomeFailure, toldSpent } from "@baton/contract";
import { fail } from "../time-limit.ts";
import { type ParsedJson, parseAgentJson, toStorableText } from "../agent-text.ts";

const FIELDS = ["output", "artifacts", "usage", "cost", "error"];
const MAX_ARTIFACTS = 100;
type Fields = Record<string, Json>;

export function readOutput(stdout: string, mode: "json" | "text"): Outcome {
  if (mode === "text") return { ok: true, output: toStorableText(stdout.replace(/\r?\n$/, "")) };
  const answer = findAnswer(stdout);
  if (!answer.ok) return fail("invalid_response", `The output ${answer.problem}. It ends: ${stdout.trim().slice(-200)}`);
  return isEnvelope(answer.value) ? readEnvelope(answer.value) : { ok: true, output: answer.value };
}

function findAnswer(stdout: string): ParsedJson {
  const whole = stdout.trim();
  if (whole === "") return { ok: false, problem: "is empty" };
  const parsed = parseAgentJson(whole);
  if (parsed.ok) return parsed;
  const lines = whole.split("\n").map((line) => line.trim());
  const last = parseAgentJson(lines.at(-1) ?? "");
  if (last.ok || /^[[{]/.test(lines.at(-1) ?? "")) return last;
  for (let index = lines.length - 2; index >= 0; index--) {
    const line = parseAgentJson(lines[index] ?? "");
    if (line.ok) return line;
  }
  return { ok: false, problem: "holds no line that is JSON" };
}

const isEnvelope = (answer: Json): answer is Fields =>
  typeof answer === "object" &&
  answer !== null &&
  !Array.isArray(answer) &&
  ("output" in answer || "error" in answer) &&
  Object.keys(answer).every((field) => FIELDS.includes(field));

function readEnvelope(answer: Fields): Outcome {
  const { error } = answer;
  if (error !== undefined && error !== null && error !== false && error !== "") return readError(error);
  const artifacts = artifact.array().max(MAX_ARTIFACTS).nullish().safeParse(answer["artifacts"]);
  if (!artifacts.success) {
    const [issue] = artifacts.error.issues;
    return fail("invalid_response", `${["artifacts", ...(issue?.path ?? [])].join(".")} in the output: ${issue?.message}`);
  }
  return { ok: true, output: answer["output"] ?? null, artifacts: artifacts.data ?? undefined, ...toldSpent.parse(answer) };
}

/** An agent may say what sort of failure it was, `unavailable` for one that is worth another try. */
function readError(error: Json): Outcome {
  if (typeof error !== "object" || error === null || Array.isArray(error))
    return fail("agent_error", typeof error === "string" ? error : JSON.stringify(error));
  const kind = outcomeFailures.find((known): known is OutcomeFailure => known === error["kind"]) ?? "agent_error";
  const detail = error["detail"] ?? error["message"];
  return fail(kind, typeof detail === "string" ? detail : JSON.stringify(error));
}
