// What a person can do about a task that failed or waits, in a sentence.
import type { Failure, WaitingFor } from "@baton/contract";

const afterFailure: Record<Failure["kind"], string> = {
  timeout: "The agent took longer than it may. Retry, or hand the task in again with a longer timeoutMs.",
  agent_error: "The agent reported this itself, so it was not tried again. Correct what it names, then retry: completed steps keep their results.",
  gate: "A check or a person refused it. Look at what is said, then retry: what was denied is asked again.",
  unroutable: "No agent here has what the step needs. Connect one that has, or hand the task in with other requirements.",
  budget: "The budget is used up. Raise it, then retry.",
  internal: "This is a fault of Baton. The server's log says more; a retry may work.",
};

const whileWaiting: Record<WaitingFor["kind"], string> = {
  approval: "A person has to approve it: the questions that wait stand below.",
  agent: "It goes on by itself once such an agent is connected or free.",
  conflict: "It goes on by itself once the other work has landed or ended; resume it to let it go on now.",
  quota: "It goes on by itself when the quota resets.",
  budget: "It goes on by itself when the budget begins anew; raise it to let it go on now.",
  dependency: "It goes on by itself when the other task is completed.",
  schedule: "It goes on by itself at its time.",
};

export const adviceAfter = (failure: Failure): string => afterFailure[failure.kind];
export const adviceWhile = (waiting: WaitingFor): string => whileWaiting[waiting.kind];
