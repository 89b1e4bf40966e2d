// What of the log somebody sees: events of the tasks of their projects, and of agents of theirs or that all share; of what tells of neither, that
// which says whose it is. The rest is for who is in all projects.
import type { Event } from "@baton/contract";
import { covers, type Scope } from "../access/access.ts";
import type { EventsDoor } from "./api-world.ts";
import type { Owner, ReachDoor } from "./reach.ts";

type Sight = (event: Event) => Promise<boolean>;
/** Whose a task is never changes; the oldest are asked for anew. */
const MAX_KNOWN = 10_000;
/** At once; who filters much goes on from the cursor. */
const PAGE = 500;
const MAX_PAGES = 20;

export function openSight(door: Pick<ReachDoor, "whose"> | undefined, scope: Scope): Sight {
  const tasks = new Map<string, boolean>();
  const sees = (owner: Owner | undefined): boolean => owner !== undefined && ("shared" in owner || covers(scope, owner.project));
  return async ({ taskId, agentId, data }) => {
    if (scope.projects === "all") return true;
    if (door === undefined) return false;
    const project = data["projectId"];
    if (taskId === null && typeof project === "string") return covers(scope, project);
    if (taskId === null) return agentId !== null && sees(await door.whose("agent", agentId));
    const known = tasks.get(taskId);
    if (known !== undefined) return known;
    const seen = sees(await door.whose("task", taskId));
    tasks.set(taskId, seen);
    if (tasks.size > MAX_KNOWN) tasks.delete(tasks.keys().next().value as string);
    return seen;
  };
}
/** The same log for somebody's eyes. */
export function eventsInSight(events: EventsDoor, door: Pick<ReachDoor, "whose"> | undefined, scope: Scope): EventsDoor {
  if (scope.projects === "all") return events;
  const sees = openSight(door, scope);
  return {
    last: () => events.last(),
    list: async ({ after = 0, limit, ...filter }) => {
      const items: Event[] = [];
      let nextCursor = after;
      for (let page = 0; page < MAX_PAGES; page++) {
        const read = await events.list({ ...filter, after: nextCursor, limit: PAGE });
        for (const event of read.items) {
          nextCursor = event.seq;
          if (await sees(event)) items.push(event);
          if (items.length === limit) return { items, nextCursor };
        }
        if (read.items.length < PAGE) break;
      }
      return { items, nextCursor };
    },
    async *follow(from) {
      for await (const batch of events.follow(from)) {
        const seen: Event[] = [];
        for (const event of batch) if (await sees(event)) seen.push(event);
        if (seen.length > 0) yield seen;
      }
    },
  };
}
