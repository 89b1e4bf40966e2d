// What the hub and the monitors ask of the rooms: tasks handed in, what is told by way of the log, how agents and the system stand.
import { covers, EVERYWHERE } from "../access/access.ts";
import { agentStats, getAgent, shareOfWell } from "../agents/agents.ts";
import type { HubDoor, MonitorDoor } from "../api/hub/hub-door.ts";
import { tellHub } from "../messages/messages.ts";
import { iso } from "../std/clock.ts";
import { CHECK_RIGHT, countWork, getTaskRow, submitUnparsed } from "../tasks/tasks.ts";
import type { World } from "./world.ts";

const OVER = ["completed", "failed", "cancelled"];

export function hubDoors(world: World): { hub: HubDoor; monitor: MonitorDoor } {
  return {
    hub: {
      submit: async (input, who) => {
        const projectId = await world.projects.enter(who.scope, undefined);
        const mayCheck = who.scope.projects === "all" && who.rights.includes(CHECK_RIGHT);
        return (await submitUnparsed(world, { ...input, ...(projectId === undefined ? {} : { projectId }) }, { mayCheck, mayName: mayCheck })).id;
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
        const { tasks } = await countWork(world);
        const activeTasks = Object.entries(tasks).reduce((sum, [status, n]) => sum + (OVER.includes(status) ? 0 : n), 0);
        return { systemHealth: shareOfWell(agentStats(world, EVERYWHERE).byState), activeTasks };
      },
      taskTitle: async (id) => (await getTaskRow(world, id)).title ?? id,
      agent: (name) => {
        const known = world.registry.find(name);
        return known && { id: known.row.id, name: known.row.name, status: JSON.parse(JSON.stringify(getAgent(world, known.row.id).status)) };
      },
    },
  };
}
