// Whether work whose agent says it is done is done: its step's check decides, and the gates of the step and its task. What fails goes back to the agent, each failure once and so many times
// at most; then the step fails and says so.
import type { Json, Outcome, StepCheck } from "@baton/contract";
import { workingDirectory } from "../connectors/connector.ts";
import { type DefinedGate, failureSignature, tail } from "../gates/gates.ts";
import { CHECK_MARK, checksTold } from "./checks-told.ts";
import { checkOutput } from "./output-check.ts";
import type { AgentIndex } from "../routing/agent-index.ts";
import { type CheckWorld, runCheck } from "./run-check.ts";
import { gatesOf, judgeWork, type StepGatesWorld } from "./step-gates.ts";
import { toEnding, type WorkDone } from "./going.ts";
import type { StepSpec } from "./submission.ts";
import type { Ending } from "./ending.ts";

export interface Judged {
  outcome: Outcome;
  sendBack?: NonNullable<Ending["sendBack"]>;
}
const MAX_FEEDBACK = 8000;
/** How often the same agent is told what gates found. */
const GATE_ROUNDS = 3;
const MAX_DETAIL = 1500;

/** @param outcome a success; one of a step without a check is answered as it is. */
export async function checkWork(world: StepGatesWorld & { index: AgentIndex }, outcome: Outcome & { ok: true }, done: WorkDone): Promise<Judged> {
  const { going } = done;
  // Most steps have none: their specification is not even parsed.
  const check = going.step.step_spec.includes('"check"') ? (JSON.parse(going.step.step_spec) as StepSpec).check : undefined;
  const gates = done.work.workspace === undefined ? [] : gatesOf(going);
  // What does not fit its contract goes back for that.
  if ((!check && gates.length === 0) || !checkOutput(world.index, toEnding(going, outcome)).happening.ok) return { outcome };
  const checked = check ? await runIt(world, outcome, done, check) : { outcome };
  return checked.outcome.ok && gates.length > 0 ? judgeIt(world, checked.outcome, done, gates) : checked;
}
async function runIt(world: CheckWorld, outcome: Outcome & { ok: true }, done: WorkDone, check: StepCheck): Promise<Judged> {
  const ran = await runCheck(world, { ...toCheckOf(done, outcome.output), check });
  if (done.abort.signal.aborted) return { outcome: { ok: false, kind: "cancelled", detail: "It was ended while its work was checked." } };
  if (!ran.ok) {
    const { how, said, isWork } = ran;
    const what = `The check ${inWords(check)} ${how}.`;
    return refuse(
      { what, said, isWork, failure: failureSignature(`${how}\n${said}`), maxFeedback: check.maxFeedback },
      outcome,
      toEnding(done.going, outcome).told,
    );
  }
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
/** By gates that need nobody, as the work tree is now. */
async function judgeIt(world: StepGatesWorld, outcome: Outcome & { ok: true }, done: WorkDone, gates: readonly DefinedGate[]): Promise<Judged> {
  const judged = await judgeWork(world, done, gates);
  if (judged === undefined) return { outcome: { ok: false, kind: "cancelled", detail: "It was ended while its work was judged." } };
  if (judged.passes) {
    done.note(`Gates passed: ${gates.map(({ gate }) => gate.name).join(", ")} (verdict ${judged.verdictId})`);
    return { outcome };
  }
  const what = `It did not pass what guards it (verdict ${judged.verdictId}): ${judged.reason}`;
  const { detail: said, isWork, signature: failure } = judged;
  return refuse({ what, said, isWork, failure, maxFeedback: GATE_ROUNDS }, outcome, toEnding(done.going, outcome).told);
}
interface Refused {
  what: string;
  said: string;
  /** The work is at fault, and not what judges it. */
  isWork: boolean;
  failure: string;
  maxFeedback: number;
}
function refuse({ what, said, isWork, failure: signature, maxFeedback }: Refused, outcome: Outcome & { ok: true }, told: readonly string[]): Judged {
  const { usage, cost, conversation } = outcome;
  const failure = `${CHECK_MARK}${signature}`;
  const rounds = checksTold(told);
  const end = tail(said, MAX_DETAIL);
  const detail = (why: string): string => `${what}${why}${end === "" ? "" : `\n${end}`}`;
  const failed = (why: string): Judged["outcome"] => ({ ok: false, kind: "gate", detail: detail(why), usage, cost, conversation });
  if (!isWork) return { outcome: failed("") };
  if (told.includes(failure)) return { outcome: failed(" Its agent was told of this very failure before, and it is there still.") };
  if (rounds >= maxFeedback) return { outcome: failed(rounds === 0 ? "" : ` Its agent was told ${rounds} times what failed, which is as often as it may be.`) };
  return { outcome: failed(""), sendBack: { failure, feedback: `${what} What it wrote at the end:\n${tail(said, MAX_FEEDBACK)}` } };
}
const inWords = ({ command, args }: StepCheck): string => [command, ...args].join(" ").slice(0, 200);
