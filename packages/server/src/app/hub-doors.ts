// What the hub and the monitors ask of the rooms: tasks handed in, what is told by way of the log, how agents and the system stand.
import { covers, EVERYWHERE } from "../access/access.ts";
import { agentStats, getAgent } from "../agents/agents.ts";
import type { HubDoor, MonitorDoor } from "../api/hub/hub-door.ts";
import { tellHub } from "../messages/messages.ts";
import { iso } from "../std/clock.ts";
import { CHECK_RIGHT, countWork, getTaskRow, submitUnparsed } from "../tasks/tasks.ts";
import type { World } from "./world.ts";

/** States in which an agent does what it is for, or would. */
const WELL = ["idle", "busy", "paused", "draining", "parked"];
const OVER = ["completed", "failed", "cancelled"];

export function hubDoors(world: World): { hub: HubDoor; monitor: MonitorDoor } {
  return {
    hub: {
      submit: async (input, who) => {
        const projectId = await world.projects.enter(who.scope, undefined);
        const mayCheck = who.scope.projects === "all" && who.rights.includes(CHECK_RIGHT);
        return (await submitUnparsed(world, { ...input, ...(projectId === undefined ? {} : { projectId }) }, { mayCheck })).id;
      },
      tell: (told) => tellHub(world, told),
      agentId: (name, { scope }) => {
        const known = world.registry.find(name);
        return known && (known.row.project_id === null || covers(scope, known.row.project_id)) ? known.row.id : undefined;
      },
    },
    monitor: {
      now: () => iso(world.clock.now()),
      overview: async () => {
        const { byState } = agentStats(world, EVERYWHERE);
        const count = (states: readonly string[]): number => states.reduce((sum, state) => sum + (byState[state] ?? 0), 0);
        // Who was switched off is neither well nor ill.
        const [well, all] = [count(WELL), count([...WELL, "offline", "error"])];
        const { tasks } = await countWork(world);
        const activeTasks = Object.entries(tasks).reduce((sum, [status, n]) => sum + (OVER.includes(status) ? 0 : n), 0);
        return { systemHealth: all === 0 ? 1 : well / all, activeTasks };
      },
      taskTitle: async (id) => (await getTaskRow(world, id)).title ?? id,
      agent: (name) => {
        const known = world.registry.find(name);
        return known && { id: known.row.id, name: known.row.name, status: JSON.parse(JSON.stringify(getAgent(world, known.row.id).status)) };
      },
    },
  };
}
