// An attempt under way: what must be known of it to carry it out and to judge its end.
import type { Work } from "@baton/contract";
import type { ConnectorAgent } from "../connectors/connector.ts";
import type { Hold } from "./spending.ts";
import type { ReadyStep } from "./step-rows.ts";
import type { Happening } from "./task-machine.ts";
import type { Ending } from "./ending.ts";

export interface Going {
  attemptId: string;
  agentId: string;
  worker: string;
  number: number;
  fence: number;
  startedAt: number;
  /** What budgets hold for it; undefined: none is about it. */
  hold?: Hold | undefined;
  step: ReadyStep;
  /** Outputs of other steps of its task that are known without reading them. */
  outputs?: ReadonlyMap<string, string> | undefined;
}
/** Work that its agent says is done, while it is judged. */
export interface WorkDone {
  going: Going;
  agent: ConnectorAgent;
  work: Work;
  abort: AbortController;
  note(text: string): void;
}
/** What came of it, with what of its step the verdict needs. */
export const toEnding = ({ step, ...one }: Going, happening: Happening, more: Pick<Ending, "neverRan" | "askedMs"> = {}): Ending => ({
  attemptId: one.attemptId,
  taskId: step.task_id,
  stepId: step.step_id,
  agentId: one.agentId,
  number: one.number,
  fence: one.fence,
  startedAt: one.startedAt,
  routeKey: step.route_key,
  retriesLeft: step.retries_left,
  losses: step.losses,
  tries: one.number - 1,
  stepSpec: step.step_spec,
  told: step.told === null ? [] : (JSON.parse(step.told) as string[]),
  taskSpec: step.task_spec,
  ...more,
  happening,
});
/** Agents write anything; Postgres takes no NUL and no half characters. */
export const toStorable = (text: string): string => text.replaceAll("\0", "").toWellFormed().slice(0, 20_000);
