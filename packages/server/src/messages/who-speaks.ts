// Who speaks of or takes messages, as the doors know a caller.
export interface Voice {
  name: string;
  kind: "local" | "user" | "key" | "token";
  role: string;
  rights: readonly string[];
  /** The one agent it may be. */
  agent?: string | undefined;
  /** This server heard it from the agent itself, which cannot sign. */
  vouched?: boolean | undefined;
}
