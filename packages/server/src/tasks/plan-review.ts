// Why a task waits whose plan a person is to see first.
import type { WaitingFor } from "@baton/contract";

export const PLAN_WAITS = {
  kind: "approval",
  detail: "Its plan waits for a person: approve it, give other steps, or cancel the task.",
} as const satisfies WaitingFor;
