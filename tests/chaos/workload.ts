// What is handed in: tasks of four shapes, each with a key of its own, repeated until somebody acknowledged it; some are
// cancelled at a random moment, and some of those tried again.
import { type Client, Refusal, Unreachable } from "@baton/client";
import type { Task, TaskInput } from "@baton/contract";
import { SKILLS } from "./agents.ts";
import type { Dice } from "./dice.ts";

export interface HandedIn {
  id: string;
  key: string;
  /** Of each step, in words no other step has. */
  steps: string[];
  /** Somebody was told that it is cancelled (and not retried since). */
  cancelled: boolean;
  acknowledgedAt: number;
}
type Steps = NonNullable<TaskInput["steps"]>;

export function makeTask(key: string, dice: Dice): TaskInput {
  const step = (id: string, needs: string[] = []): Steps[number] => ({ id, description: `${key}/${id}`, needs, requirements: [skill(dice)] });
  const shape = dice.next();
  const steps = shape < 0.55 ? [step("only")] : shape < 0.78 ? chain(step) : shape < 0.93 ? diamond(step) : fan(step);
  return { title: key, description: key, steps, priority: dice.pick(["background", "low", "normal", "high", "critical"] as const) };
}
const skill = (dice: Dice): string => {
  const which = dice.next();
  return which < 0.02 ? SKILLS.process : which < 0.3 ? SKILLS.dialin : SKILLS.http;
};
type MakeStep = (id: string, needs?: string[]) => Steps[number];
const chain = (step: MakeStep): Steps => [step("first"), step("second", ["first"]), step("third", ["second"])];
const diamond = (step: MakeStep): Steps => [step("top"), step("left", ["top"]), step("right", ["top"]), step("bottom", ["left", "right"])];
const fan = (step: MakeStep): Steps => {
  const spokes = Array.from({ length: 10 }, (_, at) => step(`spoke-${at}`));
  return [
    ...spokes,
    step(
      "hub",
      spokes.map((spoke) => spoke.id),
    ),
  ];
};

/** Repeats a call until a server answers it, with yes or with no. */
export async function insist<Answer>(call: () => Promise<Answer>, dice: Dice): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Refusal && error.code === "unavailable");
      if (!passing) throw error;
      await wait(dice.between(10, 60));
    }
  }
}
export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns the task as acknowledged; what follows for it (cancelling, retrying) is in `after`. */
export async function handIn(client: Client, key: string, dice: Dice): Promise<{ task: HandedIn; after: Promise<void> }> {
  const body = makeTask(key, dice);
  const submit = () => insist(() => client.submitTask({ body, idempotencyKey: key }), dice);
  const { id } = await submit();
  const task: HandedIn = { id, key, steps: (body.steps ?? []).map((step) => step.description as string), cancelled: false, acknowledgedAt: Date.now() };
  if (dice.chance(0.05)) {
    const repeated = await submit();
    if (repeated.id !== id) throw new Error(`The same request with the same key made two tasks: ${id} and ${repeated.id}.`);
  }
  const after = dice.chance(0.08) ? cancelAndPerhapsRetry(client, task, dice) : Promise.resolve();
  return { task, after };
}
async function cancelAndPerhapsRetry(client: Client, task: HandedIn, dice: Dice): Promise<void> {
  await wait(dice.between(0, 400));
  task.cancelled = await unlessConflict(
    insist(() => client.cancelTask({ params: { id: task.id } }), dice),
    "cancelled",
  );
  if (!task.cancelled || !dice.chance(0.3)) return;
  await wait(dice.between(0, 300));
  // A repeated retry meets the task going again, which is no: either way it goes on.
  await unlessConflict(
    insist(() => client.retryTask({ params: { id: task.id } }), dice),
    undefined,
  );
  task.cancelled = false;
}
/** Whether it was done; a task that had ended before is no failure of the run. */
async function unlessConflict(call: Promise<Task>, expected: Task["status"] | undefined): Promise<boolean> {
  try {
    const { status } = await call;
    if (expected !== undefined && status !== expected) throw new Error(`The answer says ${status}, not ${expected}.`);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict") return false;
    throw error;
  }
}
