// What routing knows of an agent, what a piece of work asks for, and what is chosen.
import type { FoundServer, Tooling } from "./tool-index.ts";

export interface RoutableAgent {
  id: string;
  name: string;
  /** Other names it answers to, where no id or name does. */
  aliases?: readonly string[] | undefined;
  capabilities: readonly { name: string; proficiency: number; technologies: readonly string[] }[];
  /** Given only work that asks for it, by its name or by what it can do. */
  onRequest?: boolean | undefined;
  maxConcurrentTasks: number;
  /** Why it may not be given work now, in words; null when it may. */
  unavailable: string | null;
  /** Why it is only given nothing for a while; null when that is not why. */
  parkedFor: "quota" | "rate" | "circuit" | "budget" | null;
  /** Attempts that ended well / badly, for the success rate: 1 before the first. */
  completed: number;
  failed: number;
  averageDurationMs: number | null;
  /** What it is in a team, such as coordinator. */
  role: string;
  /** What a piece of work costs with it, in whatever unit its registration uses; null when nobody said. */
  price: number | null;
  /** Whose work alone it does; null: everybody's. */
  project?: string | null | undefined;
  /** Absent: it is no tool server, and is handed none. */
  tools?: Tooling | undefined;
}
export interface Demand {
  /** Capability keys, all of which the agent must have. */
  requirements: readonly string[];
  /** An id or name: nobody else will do. */
  agent?: string | undefined;
  /** Ids that have just failed at it: they get it only when nobody else may take work who could do it. */
  excluded?: readonly string[] | undefined;
  /** An earlier step of the same task: its agent becomes `agent` when that step has completed. */
  continues?: string | undefined;
  /** The id of one who is to do it: while it may take work nobody else gets it. */
  preferred?: string | undefined;
  /** The id of one who holds the conversation this goes on with: while it can take it now nobody else gets it. */
  holder?: string | undefined;
  /** Those with this role come before others that fit about as well. */
  role?: string | undefined;
  /** Whose work it is: agents of other projects are as if there were none. Absent: the default project's. */
  project?: string | undefined;
  /** Capabilities or names of tools, all of which the agent must be one to be handed. */
  tools?: readonly string[] | undefined;
}
export interface Choice {
  agent: RoutableAgent;
  active: number;
  score: number;
  proficiencySum: number;
  successRate: number;
  alternatives: { agent: RoutableAgent; score: number }[];
  /** How many could have taken it now. */
  considered: number;
  /** Why who holds the conversation does not get it, in words. */
  passedOver?: string;
  /** The tool servers it is handed for it. */
  handed: FoundServer<RoutableAgent>[];
}
