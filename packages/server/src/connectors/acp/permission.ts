// Answers what an agent asks leave for. Which of its options is chosen is told by their kind alone: their ids are each agent's own.
import type { RequestPermissionResponse } from "@agentclientprotocol/sdk";
import type { PermissionOption } from "./messages.ts";

const CANCELLED: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };
const ORDER = { yes: ["allow_once", "allow_always"], no: ["reject_once", "reject_always"] };

/** Once rather than always: the next one is asked about again. Without a fitting option the answer is that the turn was cancelled, which permits nothing. */
export function toPermissionAnswer(options: readonly PermissionOption[], allowed: boolean, ending: boolean): RequestPermissionResponse {
  if (ending) return CANCELLED;
  const chosen = ORDER[allowed ? "yes" : "no"].map((kind) => options.find((option) => option.kind === kind)).find((option) => option !== undefined);
  return chosen === undefined ? CANCELLED : { outcome: { outcome: "selected", optionId: chosen.optionId } };
}
