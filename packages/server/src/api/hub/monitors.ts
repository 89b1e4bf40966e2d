// The monitors `/ws` and `/ws/agent/{id}`: plain JSON, from the moment of connecting on. The first tells how the system stands, what is done
// and what somebody should know; the other what happens to one agent. Whoever must not miss anything follows `/api/v1/live` from a cursor.
import { EVERYWHERE } from "../../access/access.ts";
import { type Event, id, type Json, parse, Refusal } from "@baton/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { ApiWorld } from "../api-world.ts";
import { openPulse, type Pulse } from "../pulse.ts";
import type { MonitorDoor } from "./hub-door.ts";
import type { News } from "./news.ts";

const SLOW_BYTES = 1024 * 1024;
const MAX_SAID_BYTES = 64 * 1024;
const params = z.strictObject({ id });
type Severity = "low" | "medium" | "high" | "critical";

export function mountMonitors(app: FastifyInstance, world: ApiWorld, news: News): void {
  const pulse = openPulse(world.config.socketHeartbeatMs ?? 30_000);
  app.addHook("preClose", (done) => {
    pulse.close();
    done();
  });
  const status = async (): Promise<Json> => {
    const { systemHealth, activeTasks } = await world.monitor.overview();
    return { type: "system_status", timestamp: world.monitor.now(), data: { system_health: systemHealth, active_tasks: activeTasks } };
  };
  const mount = (url: string, open: (socket: WebSocket, request: FastifyRequest) => void): void =>
    void app.route({
      method: "GET",
      url,
      config: { name: "live", right: "view" },
      handler: async () => {
        throw new Refusal("bad_input", `${url} is a WebSocket: ask for an upgrade.`);
      },
      wsHandler: (socket, request) => {
        const { name, scope } = request.caller?.identity ?? { name: "", scope: EVERYWHERE };
        if (scope.projects === "all") return open(socket, request);
        socket.close(1008, `${name.slice(0, 60)} is not in all projects, which are told of here.`);
      },
    });
  mount("/ws", (socket) => {
    const monitor = openMonitor(world, socket, pulse, status, news, (event) => toUpdate(world.monitor, event));
    monitor.look();
  });
  mount("/ws/agent/:id", (socket, request) => {
    const name = parse(params, request.params, "params").id;
    const stand = async (): Promise<Json> => {
      const agent = world.monitor.agent(name);
      const unknown = { state: "unknown", reason: `There is no agent ${name}.` };
      return { type: "agent_status", agent_id: name, timestamp: world.monitor.now(), data: agent ? agent.status : unknown };
    };
    const monitor = openMonitor(world, socket, pulse, stand, news, (event) => {
      if (event.agentId === null || event.agentId !== world.monitor.agent(name)?.id) return undefined;
      if (event.type.startsWith("agent.") || event.type === "attempt.started" || isEnd(event)) monitor.look();
      return { type: event.type, agent_id: name, task_id: event.taskId, timestamp: event.at, data: event.data };
    });
    monitor.look();
  });
}
const isEnd = ({ type }: Event): boolean => ["attempt.completed", "attempt.failed", "attempt.lost", "attempt.cancelled"].includes(type);

function openMonitor(
  world: ApiWorld,
  socket: WebSocket,
  pulse: Pulse,
  stand: () => Promise<Json>,
  news: News,
  toSay: (event: Event) => Json | Promise<Json> | undefined,
): { look(): void } {
  let isAlive = true;
  let looking = false;
  let again = false;
  const send = (said: Json): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(said));
    if (socket.bufferedAmount > SLOW_BYTES) socket.close(1013, "You read too slowly. Connect again.");
  };
  /** Many changes while it looks are one more look. */
  function look(): void {
    again = looking;
    if (looking) return;
    looking = true;
    stand()
      .then(send)
      .catch((error: unknown) => world.log.error({ err: error }, "a monitor could not be told how things stand"))
      .finally(() => {
        looking = false;
        if (again) look();
      })
      .catch((error: unknown) => world.log.error({ err: error }, "a monitor failed inside"));
  }
  const unlisten = news.listen((event) => {
    const said = toSay(event);
    if (said instanceof Promise) said.then(send, (error: unknown) => world.log.error({ err: error }, "a monitor could not be told of an event"));
    else if (said !== undefined) send(said);
    if (said !== undefined && event.type === "task.completed") look();
  });
  const leave = pulse.add({
    beat: () => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
      look();
    },
    end: () => undefined,
  });
  socket.on("pong", () => (isAlive = true));
  // What is said here is not asked for; it only must not be much.
  socket.on("message", (data: Buffer) => {
    if (data.byteLength > MAX_SAID_BYTES) socket.close(1009, "Nothing that large is expected here.");
  });
  socket.on("close", () => {
    leave();
    unlisten();
  });
  socket.on("error", (error) => {
    world.log.debug({ err: error }, "a monitor's socket broke");
    socket.terminate();
  });
  return { look };
}

const ALERTS: Partial<Record<Event["type"], Severity>> = {
  "task.failed": "high",
  "agent.parked": "medium",
  "budget.warned": "medium",
  "budget.stopped": "high",
  "message.dead_lettered": "medium",
  "approval.opened": "low",
};
async function toCompleted(monitor: MonitorDoor, { taskId, at, data }: Event): Promise<Json> {
  const name = taskId === null ? "" : await monitor.taskTitle(taskId);
  return { type: "task_completed", task_id: taskId, task_name: name, timestamp: at, data };
}
function toUpdate(monitor: MonitorDoor, event: Event): Json | Promise<Json> | undefined {
  const { type, taskId, agentId, at, data } = event;
  if (type === "task.completed") return toCompleted(monitor, event);
  const severity = type === "agent.health_changed" && data["to"] === "critical" ? "critical" : ALERTS[type];
  if (severity === undefined) return undefined;
  const about = taskId === null ? (agentId === null ? "" : ` (agent ${agentId})`) : ` (task ${taskId})`;
  const why = data["detail"] ?? data["reason"] ?? "";
  return {
    type: "alert",
    severity,
    message: `${type}${about}${why === "" ? "" : `: ${typeof why === "string" ? why : JSON.stringify(why)}`}`,
    timestamp: at,
    data,
  };
}
