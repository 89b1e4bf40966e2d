// What the hub and the monitors need of the rooms behind them.
import type { Json, TaskInput } from "@baton/contract";
import type { Identity } from "../../access/access.ts";

/** What one client of the hub tells others: all, or who joined the group. */
export interface Told {
  target: string;
  group: string | null;
  arguments: Json[];
}
export interface HubDoor {
  /** @returns the task's id. @throws Refusal */
  submit(input: TaskInput, who: Identity): Promise<string>;
  /** In the log, from where every server tells its clients. @throws Refusal `too_large` */
  tell(told: Told): Promise<void>;
  /** Its id, by id, name or alias, if it is there for them. */
  agentId(name: string, who: Identity): string | undefined;
}
export interface Overview {
  /** The share of agents that are well, 0..1; 1 when there are none. */
  systemHealth: number;
  activeTasks: number;
}
export interface MonitorDoor {
  /** ISO 8601. */
  now(): string;
  overview(): Promise<Overview>;
  /** A task's title, or its id where it has none any more. */
  taskTitle(id: string): Promise<string>;
  /** As the API answers it; undefined when nobody knows the agent. */
  agent(name: string): { id: string; name: string; status: Json } | undefined;
}
