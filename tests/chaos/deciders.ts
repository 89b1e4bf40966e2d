// People who decide what waits for them, several at once and without knowing of each other; each word of theirs is noted with what came of it.
import { type Client, Refusal } from "@baton/client";
import type { Approval, Task } from "@baton/contract";
import type { Dice } from "./dice.ts";
import { insist, wait } from "./workload.ts";

export interface Decided {
  approvalId: string;
  decision: "approve" | "reject";
  comment: string;
}
export interface Deciders {
  /** Those that a server said yes to. */
  acknowledged: Decided[];
  /** How many are sent and not answered. */
  readonly inFlight: number;
  /** Resolves when the next one is sent. */
  nextSent(): Promise<void>;
  /** Resolves when every one of them has come home. */
  close(): Promise<void>;
}

export function openDeciders(client: Client, dice: Dice, howMany: number): Deciders {
  const acknowledged: Decided[] = [];
  let inFlight = 0;
  let open = true;
  let sent: (() => void)[] = [];
  async function decide(name: string, own: Dice, at: number): Promise<void> {
    const { items } = await insist(() => client.listApprovals({ query: { state: "open", limit: 100 } }), own);
    if (items.length === 0) return wait(40);
    const approval = own.pick(items);
    const said: Decided = { approvalId: approval.id, decision: own.chance(0.85) ? "approve" : "reject", comment: `${name} ${at}` };
    await wait(own.between(0, 60));
    inFlight++;
    const answered = say(client, approval, said, own);
    for (const tell of sent.splice(0)) tell();
    try {
      if (await answered) acknowledged.push(said);
    } finally {
      inFlight--;
    }
  }
  const homes = Array.from({ length: howMany }, async (_, number) => {
    const own = dice.of(`decider ${number}`);
    for (let at = 0; open; at++) await decide(`decider-${number}`, own, at);
  });
  return {
    acknowledged,
    get inFlight() {
      return inFlight;
    },
    nextSent: () => new Promise((resolve) => void (sent = [...sent, resolve])),
    close: async () => {
      open = false;
      await Promise.all(homes);
    },
  };
}
/** By one of the ways there are. @returns whether it counts as theirs: told again after a server died, it may have been heard the first time. */
async function say(client: Client, { id, kind, name, taskId }: Approval, { decision, comment }: Decided, dice: Dice): Promise<boolean> {
  const byName = kind === "named" && dice.chance(0.5);
  const withOtherSteps = kind === "plan" && decision === "approve" && dice.chance(0.3) ? otherSteps : undefined;
  const calls = {
    id: () => client.decideApproval({ params: { id }, body: { decision, comment } }),
    name: () => client.decideTaskApproval({ params: { id: taskId ?? "" }, body: { name: name ?? "", decision, comment } }),
  };
  try {
    if (withOtherSteps) {
      const task: Task = await insist(() => client.getTask({ params: { id: taskId ?? "" } }), dice);
      if (task.pattern === "steps") {
        await insist(() => client.decidePlan({ params: { id: task.id }, body: { steps: withOtherSteps(task.title) } }), dice);
        return false;
      }
    }
    await insist(byName ? calls.name : calls.id, dice);
    return true;
  } catch (error) {
    // Somebody was quicker, or it was heard although its answer was not.
    if (error instanceof Refusal && error.code === "conflict") return false;
    throw error;
  }
}
const otherSteps = (key: string) => [{ id: "other", description: `${key}/other`, requirements: ["asks"] }];
