// A message with those it goes to.
import type { Draft } from "./draft.ts";
import type { MessageRow } from "./message-rows.ts";

export interface Addressed {
  draft: Draft;
  recipients: string[];
  /** The request it answers. */
  answers?: MessageRow | undefined;
  /** How many it does not go to because of a rule. */
  withheld?: number | undefined;
}
