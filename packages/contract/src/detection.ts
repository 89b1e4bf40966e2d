// Coding agents found on the server's own PATH: what they are, whether they could be used, and how they would be registered.
import { z } from "zod";
import { agentInput } from "./agent.ts";

/** `ready`: something it can log in with is there. `missing`: it says itself that it has nothing. `unknown`: it cannot be told without asking its maker. */
export const loginStates = ["ready", "missing", "unknown"] as const;
export const foundAgent = z.object({
  /** A name for this kind of agent: `claude`, `copilot`. */
  id: z.string(),
  /** What people call it. */
  title: z.string(),
  /** Where it was found. */
  program: z.string(),
  /** null when it does not say. */
  version: z.string().nullable(),
  /** Told from the presence of files, the names of variables, and the exit code of its own status command: nothing is read. */
  login: z.object({
    state: z.enum(loginStates),
    why: z.string(),
    /** Names of this server's environment that it would log in with; an agent gets them only when its registration says so. */
    variables: z.array(z.string()),
  }),
  /** How it would be reached, or what is missing for that. */
  how: z.string(),
  /** What `POST /agents` would be sent, also where the name is taken; null when Baton has no way to drive it as it is. */
  registration: agentInput.nullable(),
  /** The agent of that program that is registered already. */
  registeredAs: z.string().nullable(),
});
export type FoundAgent = z.infer<typeof foundAgent>;
export const foundAgents = z.object({ items: z.array(foundAgent), /** Folders that were looked into. */ looked: z.array(z.string()) });
export const detectQuery = z.strictObject({
  /** `false`: run none of them, only say which are there. */
  ask: z.enum(["true", "false"]).default("true"),
});
export type FoundAgents = z.infer<typeof foundAgents>;
