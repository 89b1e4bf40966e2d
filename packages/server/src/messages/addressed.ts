// Those that messages go to, and a message with them.
import { ALL_PROJECTS } from "@baton/contract";
import type { KnownAgent, Registry } from "../agents/agents.ts";
import type { Draft } from "./draft.ts";
import type { MessageRow } from "./message-rows.ts";

/** An agent, or a mailbox, and whose it is; `*`: all projects share it. */
export interface Place {
  id: string;
  project: string;
}
export const toPlace = ({ row }: KnownAgent): Place => ({ id: row.id, project: row.project_id ?? ALL_PROJECTS });
export function placeOfAgent(registry: Registry, idOrName: string): Place | undefined {
  const known = registry.find(idOrName);
  return known && toPlace(known);
}
export interface Addressed {
  draft: Draft;
  recipients: string[];
  /** Whose it is; `*`: of none. */
  project: string;
  /** The request it answers. */
  answers?: MessageRow | undefined;
  /** How many it does not go to because of a rule. */
  withheld?: number | undefined;
}
