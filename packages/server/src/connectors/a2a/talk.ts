// One attempt's talk with an agent: the work is sent, its task followed until it ends, and what it asks for on the way is asked of a person.
//
// The work is sent once. A stream that breaks is looked after with `get` and taken up again; an agent that does not stream is looked after
// with `get`, at first often, then less. Only a call that the agent refuses as unknown to it is made another way.
import { setTimeout as sleep } from "node:timers/promises";
import type { Message, StreamResponse } from "@a2a-js/sdk";
import type { Outcome, Work } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import type { AttemptContext } from "../connector.ts";
import { fail, type Failure } from "../time-limit.ts";
import type { AgentCalls } from "./agent-calls.ts";
import { askPerson, MAX_QUESTIONS } from "./ask-person.ts";
import { CallProblem, problem } from "./call-problem.ts";
import { toAnswerMessage } from "./message.ts";
import { toOutcome } from "./outcome.ts";
import type { PushLine } from "./push.ts";
import type { TaskView } from "./task-view.ts";

/** How long between two looks at a task: from `first`, half as much again each time, to `most`; `behindPush` where the agent tells. */
export interface Patience {
  first: number;
  most: number;
  behindPush: number;
  /** Looks in a row that may find nobody. */
  misses: number;
}
export const PATIENCE: Patience = { first: 100, most: 5_000, behindPush: 30_000, misses: 6 };
const GROWTH = 1.5;

export interface Talk {
  clock: Clock;
  calls: AgentCalls;
  view: TaskView;
  /** Where the agent tells that its task has moved. */
  line: PushLine | undefined;
  patience: Patience;
  /** Aborted when no call may go on. */
  signal: AbortSignal;
}

/** @throws CallProblem; whatever `signal` aborted with. */
export async function talk(given: Talk, first: Message, work: Work, context: AttemptContext): Promise<Outcome> {
  const { view } = given;
  let message = first;
  for (let number = 1; ; number++) {
    await settle(given, message);
    if (view.hasEnded()) return toOutcome(view);
    if (number > MAX_QUESTIONS) return fail("agent_error", `It asked more than ${MAX_QUESTIONS} times.`);
    const answer = await askPerson(view, context);
    if (!answer.ok) return answer;
    view.answered();
    const asked = { attemptId: work.attemptId, number, taskId: view.taskId() ?? "", contextId: view.contextId() ?? "" };
    message = toAnswerMessage(asked, answer.text);
  }
}

const isSettled = ({ view }: Talk): boolean => view.hasEnded() || view.isAsking();

/** Sends a message and follows what comes of it until the task ends or asks for something. */
async function settle(given: Talk, message: Message): Promise<void> {
  if (given.calls.streams) await sendAndHear(given, message);
  else given.view.takeIn(await given.calls.send({ message, push: pushConfig(given.line, message) }, given.signal));
  if (!isSettled(given)) await follow(given);
}

/** A stream that breaks after the agent has named its task is looked after by `follow`. */
async function sendAndHear(given: Talk, message: Message): Promise<void> {
  const { calls, view, signal } = given;
  try {
    await hear(given, (signal) => calls.stream({ message, push: undefined }, signal));
  } catch (error) {
    const isRefused = error instanceof CallProblem && error.refused === "method" && view.taskId() === (message.taskId || undefined);
    if (isRefused) view.takeIn(await calls.send({ message, push: undefined }, signal));
    else if (!isBroken(given, error) || view.taskId() === undefined) throw error;
  }
}

/** Hears a stream until the task is settled. @returns false when it ended before. */
async function hear(given: Talk, open: (signal: AbortSignal) => AsyncGenerator<StreamResponse>): Promise<boolean> {
  const enough = new AbortController();
  for await (const event of open(AbortSignal.any([given.signal, enough.signal]))) {
    given.view.takeIn(event);
    if (!isSettled(given)) continue;
    // Before the loop is left: the reading end waits for the next piece otherwise.
    enough.abort();
    return true;
  }
  return false;
}

async function follow(given: Talk): Promise<void> {
  const { calls, view, patience } = given;
  const taskId = view.taskId();
  if (taskId === undefined) throw problem("invalid_response", "The agent answered neither with a task nor with a message.");
  let waitMs = patience.first;
  let misses = 0;
  let resumes = calls.streams;
  while (!isSettled(given)) {
    try {
      if (!resumes) await pause(given, waitMs);
      view.takeTask(await calls.get(taskId, given.signal));
      misses = 0;
      if (resumes && !isSettled(given) && (await hear(given, (signal) => calls.resume(taskId, signal)))) await lookAgain(given);
      if (resumes && !isSettled(given)) await pause(given, waitMs);
    } catch (error) {
      if (error instanceof CallProblem && error.refused === "method" && resumes) resumes = false;
      else if (!isBroken(given, error) || ++misses >= patience.misses) throw error;
      else await pause(given, Math.max(waitMs, untilMs(given, (error as CallProblem).failure)));
    }
    waitMs = Math.min(waitMs * GROWTH, patience.most);
  }
}

/** What a broken stream did not tell is in the task. That it cannot be had now does not undo what was heard. */
async function lookAgain({ calls, view, signal }: Talk): Promise<void> {
  const task = await calls.get(view.taskId() ?? "", signal).catch((error: unknown) => {
    if (error instanceof CallProblem) return undefined;
    throw error;
  });
  if (task !== undefined) view.takeTask(task);
}

const isBroken = ({ signal }: Talk, error: unknown): boolean => error instanceof CallProblem && error.mayPass && !signal.aborted;
const untilMs = ({ clock }: Talk, { until }: Failure): number => (until === undefined ? 0 : Date.parse(until) - clock.now());

async function pause({ line, patience, signal }: Talk, ms: number): Promise<void> {
  if (line !== undefined) return line.wait(patience.behindPush, signal);
  await sleep(ms, undefined, { signal });
}

const pushConfig = (line: PushLine | undefined, { messageId, taskId }: Message) =>
  line && { tenant: "", id: messageId, taskId, url: line.url, token: line.token, authentication: undefined };
