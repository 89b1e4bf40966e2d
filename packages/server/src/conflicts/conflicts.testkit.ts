// A server without doors that looks for conflicts, in real repositories, for tests.
import { parse, type Conflict, conflictQuery, type Event, type EventType } from "@baton/contract";
import { openMessaging } from "../messages/messages.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "../tasks/tasks.testkit.ts";
import { getWorkspace } from "../workspaces/workspaces.ts";
import { type ConflictPolicy, type ConflictsWorld, listConflicts, openRadar, type Radar } from "./conflicts.ts";

export interface ConflictServer extends TestServer, ConflictsWorld {
  /** A task whose work tree stays, and where that is. */
  work(taskId: string, repository: string): Promise<{ id: string; path: string }>;
  startRadar(): Promise<Radar>;
  stopRadars(): Promise<void>;
  /** The first of this type after a number. */
  heard(type: EventType, after?: number): Promise<Event>;
  told(): Promise<EventType[]>;
  conflicts(): Promise<Conflict[]>;
  stopAll(): Promise<void>;
}
export async function openConflictServer(
  open: OpenStore,
  conflictPolicy: ConflictPolicy = "warn",
  { script = () => done(), conflictWaitMs = 3_600_000 }: { script?: Script; conflictWaitMs?: number } = {},
): Promise<ConflictServer> {
  const server = await openTestServer(open, script, { conflicts: conflictPolicy, conflictWaitMs });
  const messaging = await openMessaging({
    ...server,
    settings: {
      pollMs: 100,
      messageRetentionMs: 3_600_000,
      messageFlood: { perSecond: 1000, burst: 1000 },
      requireSignatures: false,
      messageRouting: "open",
      messageStagesFile: undefined,
    },
  });
  const world: ConflictsWorld & TestServer = { ...server, messaging, conflictPolicy };
  const radars: Radar[] = [];
  const stopRadars = async (): Promise<void> => {
    for (const radar of radars.splice(0)) await radar.close();
  };
  return {
    ...world,
    work: async (id, repository) => {
      if (server.registry.find(`agent-${id}`) === undefined) await server.addAgent(`agent-${id}`);
      await server.submit({ id, description: "Work.", repository, workspace: "task", steps: [{ id: "work", agent: `agent-${id}` }] });
      await server.until(id, "completed", "failed");
      return getWorkspace(server, id);
    },
    startRadar: async () => {
      const radar = await openRadar(world);
      radars.push(radar);
      server.sight.lookThrough(radar);
      return radar;
    },
    stopRadars,
    heard: async (type, after = 0) => {
      for await (const [event] of server.events.follow({ after, filter: { type }, signal: AbortSignal.timeout(60_000) })) if (event) return event;
      throw new Error(`Nothing was told as ${type}.`);
    },
    told: async () => (await server.events.list({ limit: 500, type: "conflict.*" })).items.map(({ type }) => type),
    conflicts: async () => (await listConflicts(server, EVERYWHERE, parse(conflictQuery, {}, "query"))).items,
    stopAll: async () => {
      await stopRadars();
      await messaging.close();
      await server.stop();
      await server.programs.close();
    },
  };
}
