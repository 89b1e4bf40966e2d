// Whether work whose agent says it is done is done: its step's check decides. What fails goes back to the agent, each failure once and so many times
// at most; then the step fails and says so.
import type { Json, Outcome, StepCheck } from "@baton/contract";
import { type ConnectorAgent, workingDirectory } from "../connectors/connector.ts";
import type { Work } from "@baton/contract";
import { failureSignature, tail } from "../gates/gates.ts";
import { CHECK_MARK, checksTold } from "./checks-told.ts";
import { checkOutput } from "./output-check.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import { type Checked, type CheckWorld, runCheck } from "./run-check.ts";
import { type Going, toEnding } from "./going.ts";
import type { StepSpec } from "./submission.ts";
import type { Ending } from "./ending.ts";

export interface Judged {
  outcome: Outcome;
  sendBack?: NonNullable<Ending["sendBack"]>;
}
export interface WorkDone {
  going: Going;
  agent: ConnectorAgent;
  work: Work;
  abort: AbortController;
  note(text: string): void;
}
const MAX_FEEDBACK = 8000;
const MAX_DETAIL = 1500;

/** @param outcome a success; one of a step without a check is answered as it is. */
export async function checkWork(world: CheckWorld & { index: AgentIndex }, outcome: Outcome & { ok: true }, done: WorkDone): Promise<Judged> {
  const { going } = done;
  // Most steps have none: their specification is not even parsed.
  const check = going.step.step_spec.includes('"check"') ? (JSON.parse(going.step.step_spec) as StepSpec).check : undefined;
  // What does not fit its contract goes back for that.
  if (!check || !checkOutput(world.index, toEnding(going, outcome)).happening.ok) return { outcome };
  const ran = await runCheck(world, { ...toCheckOf(done, outcome.output), check });
  if (done.abort.signal.aborted) return { outcome: { ok: false, kind: "cancelled", detail: "It was ended while its work was checked." } };
  if (!ran.ok) return refuse(check, ran, outcome, toEnding(going, outcome).told);
  done.note(`Check passed: ${inWords(check)}`);
  return { outcome };
}
function toCheckOf({ going, agent, work, abort }: WorkDone, output: Json) {
  const cwd = "cwd" in agent.connector ? agent.connector.cwd : undefined;
  return {
    taskId: work.taskId,
    stepId: work.stepId,
    attemptId: going.attemptId,
    output,
    resourceLimits: agent.resourceLimits,
    directory: (fallback: string) => workingDirectory(cwd, work, fallback),
    signal: abort.signal,
  };
}
function refuse(check: StepCheck, { how, said, isWork }: Checked & { ok: false }, outcome: Outcome & { ok: true }, told: readonly string[]): Judged {
  const { usage, cost, conversation } = outcome;
  const failure = `${CHECK_MARK}${failureSignature(`${how}\n${said}`)}`;
  const rounds = checksTold(told);
  const what = `The check ${inWords(check)} ${how}.`;
  const end = tail(said, MAX_DETAIL);
  const detail = (why: string): string => `${what}${why}${end === "" ? "" : `\n${end}`}`;
  const failed = (why: string): Judged["outcome"] => ({ ok: false, kind: "gate", detail: detail(why), usage, cost, conversation });
  if (!isWork) return { outcome: failed("") };
  if (told.includes(failure)) return { outcome: failed(" Its agent was told of this very failure before, and it is there still.") };
  if (rounds >= check.maxFeedback)
    return { outcome: failed(rounds === 0 ? "" : ` Its agent was told ${rounds} times what failed, which is as often as it may be.`) };
  return { outcome: failed(""), sendBack: { failure, feedback: `${what} What it wrote at the end:\n${tail(said, MAX_FEEDBACK)}` } };
}
const inWords = ({ command, args }: StepCheck): string => [command, ...args].join(" ").slice(0, 200);
