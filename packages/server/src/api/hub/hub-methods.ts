// The methods of the hub, and what of the log its clients hear.
import { type Event, type Json, Refusal, type TaskInput } from "@baton/contract";
import { z } from "zod";
import { assertMay, type Identity } from "../../access/access.ts";
import type { HubDoor, Told } from "./hub-door.ts";

export interface HubClient {
  who: Identity | undefined;
  groups: Set<string>;
}
type Method = (door: HubDoor, client: HubClient, args: readonly Json[]) => Promise<Json>;
const MAX_GROUPS = 1000;
const MAX_TITLE = 200;
const MAX_DESCRIPTION = 90_000;
const groupOf = (agentId: string): string => `Agent_${agentId}`;
const name = z.string().min(1).max(200);

/** @throws Refusal `bad_input` that names the argument. */
function read<T>(schema: z.ZodType<T>, args: readonly Json[], at: number, what: string): T {
  const result = schema.safeParse(args[at]);
  if (result.success) return result.data;
  throw new Refusal("bad_input", `Argument ${at + 1} must be ${what}: ${result.error.issues[0]?.message ?? "it is not"}.`);
}
/** Nobody who came without credentials to a server that demands some gets here. */
function known({ who }: HubClient): Identity {
  if (who === undefined) throw new Refusal("unauthorized", "Send an API key or an access token.");
  return who;
}
const given = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  context: z.string().optional(),
  language: z.string().max(100).optional(),
  filePath: z.string().max(4000).optional(),
  type: z.string().max(50).optional(),
  requirements: z.array(z.string().min(1).max(200)).max(50).optional(),
  priority: z.enum(["background", "low", "normal", "high", "critical"]).optional(),
});
/** What an editor hands over: text it is about, and where that is from. */
function toTask(said: z.output<typeof given>): TaskInput {
  const { title, description, context = "", language, filePath, ...more } = said;
  const about = filePath === undefined ? "" : ` ${filePath}${language === undefined ? "" : ` (${language})`}`;
  const words = description ?? `Work on what an editor handed over${about}.`;
  const text = context === "" ? words : `${words}\n\n${context}`;
  return {
    title: (title ?? (filePath === undefined ? words : `Work on ${filePath}`)).slice(0, MAX_TITLE),
    description: text.length > MAX_DESCRIPTION ? `${text.slice(0, MAX_DESCRIPTION)}\n[${text.length - MAX_DESCRIPTION} characters more are left out]` : text,
    ...(language === undefined ? {} : { language }),
    ...(filePath === undefined ? {} : { files: [filePath] }),
    ...(more.type === undefined ? {} : { type: more.type }),
    ...(more.requirements === undefined ? {} : { requirements: more.requirements }),
    ...(more.priority === undefined ? {} : { priority: more.priority }),
  };
}
const methods: Record<string, Method> = {
  JoinAgentGroup: async (door, client, args) => {
    assertMay(known(client), "view");
    if (client.groups.size >= MAX_GROUPS) throw new Refusal("too_many_requests", `A connection may be in ${MAX_GROUPS} groups.`);
    const agent = read(name, args, 0, "an agent's id or name");
    client.groups.add(groupOf(door.agentId(agent, known(client)) ?? agent));
    return null;
  },
  LeaveAgentGroup: async (door, client, args) => {
    const agent = read(name, args, 0, "an agent's id or name");
    client.groups.delete(groupOf(door.agentId(agent, known(client)) ?? agent));
    return null;
  },
  /** The task is the agent's to do, if Baton knows the agent; whoever joined its group hears of it in any case. */
  SendTaskToAgent: async (door, client, args) => {
    const who = known(client);
    assertMay(who, "task.submit");
    const said = read(name, args, 0, "an agent's id or name");
    const task = read(given, args, 1, "a task");
    const agent = door.agentId(said, who);
    const input = toTask(task);
    const step = { id: "task", title: input.title, description: input.description };
    const taskId = agent === undefined ? null : await door.submit({ ...input, pattern: "steps", steps: [{ ...step, agent }] }, who);
    await door.tell({ target: "NewTask", group: groupOf(agent ?? said), arguments: [{ ...(args[1] as Record<string, Json>), taskId }] });
    return taskId;
  },
  DistributeTask: async (door, client, args) => {
    const who = known(client);
    assertMay(who, "task.submit");
    return door.submit(toTask(read(given, args, 0, "a task")), who);
  },
  ReportTaskProgress: async (door, client, args) => {
    assertMay(known(client), "agent.work");
    await door.tell({ target: "TaskProgressUpdate", group: null, arguments: [read(name, args, 0, "a task's id"), args[1] ?? null] });
    return null;
  },
  ReportAgentStatus: async (door, client, args) => {
    const who = known(client);
    assertMay(who, "agent.work");
    const agent = read(name, args, 0, "an agent's id or name");
    const id = door.agentId(agent, who) ?? agent;
    if (who.agent !== undefined && id !== (door.agentId(who.agent, who) ?? who.agent))
      throw new Refusal("forbidden", `${who.name} speaks for the agent ${who.agent} alone.`);
    await door.tell({ target: "AgentStatusChanged", group: null, arguments: [id, args[1] ?? null] });
    return null;
  },
};
/** @throws Refusal */
export async function invoke(door: HubDoor, client: HubClient, target: string, args: readonly Json[]): Promise<Json> {
  if (!Object.hasOwn(methods, target)) throw new Refusal("not_found", `The hub has no method ${target}; it has ${Object.keys(methods).join(", ")}.`);
  return (methods[target] as Method)(door, client, args);
}

const STATUS: Partial<Record<Event["type"], string>> = {
  "agent.connected": "Online",
  "agent.disconnected": "Offline",
  "agent.paused": "Paused",
  "agent.resumed": "Idle",
  "agent.parked": "Parked",
  "agent.removed": "Offline",
};
const ENDS: Partial<Record<Event["type"], string>> = { "task.completed": "completed", "task.failed": "failed", "task.cancelled": "cancelled" };
const HEALTH: Record<string, string> = { healthy: "Idle", critical: "Error", warning: "Warning", degraded: "Warning", unknown: "Unknown" };

/** What clients are told of an event: nothing, or one call. */
export function toTold({ type, taskId, agentId, data }: Event): Told | undefined {
  if (type === "hub.told") return data as unknown as Told;
  const told = (target: string, ...args: Json[]): Told => ({ target, group: null, arguments: args });
  if (type === "attempt.progressed" && taskId !== null) return told("TaskProgressUpdate", taskId, data);
  const end = ENDS[type];
  if (end !== undefined && taskId !== null) return told("TaskProgressUpdate", taskId, { status: end, ...(end === "completed" ? { fraction: 1 } : {}) });
  const status = type === "agent.health_changed" ? HEALTH[data["to"] as string] : STATUS[type];
  return status !== undefined && agentId !== null ? told("AgentStatusChanged", agentId, status) : undefined;
}
