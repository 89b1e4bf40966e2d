// Who speaks of or takes messages, as the doors know a caller.
import type { Scope } from "../store/scope.ts";

export interface Voice {
  name: string;
  kind: "local" | "user" | "key" | "token";
  role: string;
  rights: readonly string[];
  /** Whose agents and mailboxes are there for them, beside those that all share. Undefined: everybody's. */
  scope?: Scope | undefined;
  /** The one agent it may be. */
  agent?: string | undefined;
  /** This server heard it from the agent itself, which cannot sign. */
  vouched?: boolean | undefined;
}
