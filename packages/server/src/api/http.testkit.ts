// For tests of the doors: a real HTTP server on a free port, with an event log and handlers that live in memory.
import { type Event, Refusal, type RouteName, routes } from "@baton/contract";
import { pino } from "pino";
import type { ApiWorld, EventFilter, EventsDoor, Handlers, HttpConfig } from "./api-world.ts";
import type { DialinDoor } from "./dialin-door.ts";
import { type HttpServer, openHttp } from "./http.ts";
import type { MailDoor } from "./mail-door.ts";

export interface TestWorld {
  handlers?: Partial<Handlers>;
  events?: EventsDoor;
  dialin?: Partial<DialinDoor>;
  mail?: Partial<MailDoor>;
  config?: Partial<HttpConfig>;
  certificate?: ApiWorld["certificate"];
  /** Default: as many as one likes. */
  requests?: ApiWorld["requests"];
  /** Where the log's lines go; default nowhere. */
  logTo?: string[];
}

const SILENT = ["detach", "accepted", "progressed", "updated", "asked"] as const;
/** Every handler that is not given refuses with `not_found`. */
export async function openTestHttp({
  handlers = {},
  events = openTestEvents(),
  dialin = {},
  mail = {},
  config = {},
  certificate,
  requests = { take: () => undefined },
  logTo,
}: TestWorld = {}): Promise<HttpServer> {
  let ids = 0;
  const refuse = () => Promise.reject(new Refusal("not_found", "Nothing is here in this test."));
  const names = (Object.keys(routes) as RouteName[]).filter((name) => name !== "followEvents");
  const world: ApiWorld = {
    handlers: { ...(Object.fromEntries(names.map((name) => [name, refuse])) as unknown as Handlers), ...handlers },
    events,
    dialin: { attach: refuse, ended: refuse, ...Object.fromEntries(SILENT.map((name) => [name, () => undefined])), ...dialin } as DialinDoor,
    hub: { submit: refuse, tell: refuse, agentId: () => undefined },
    monitor: { now: () => "1970-01-01T00:00:00.000Z", overview: refuse, taskTitle: refuse, agent: () => undefined },
    tools: { callerOf: async () => undefined, recipients: refuse, send: refuse, receive: refuse, acknowledge: refuse, answerTo: refuse },
    mail: { open: refuse, settle: refuse, send: refuse, ...mail },
    config: { host: "127.0.0.1", port: 0, apiKeys: [], checkAnswers: true, ...config },
    certificate,
    requests,
    log: logTo ? pino({ level: "debug" }, { write: (line: string) => void logTo.push(line) }) : pino({ level: "silent" }),
    newId: () => `test-${++ids}`,
    version: "0.0.0-test",
  };
  const http = await openHttp(world);
  // Never beyond this machine, whatever is said of where it listens.
  await http.listen(world.config.host === "0.0.0.0" ? "127.0.0.1" : undefined);
  return http;
}

export interface TestEvents extends EventsDoor {
  append(...events: Partial<Event>[]): void;
  /** How many follow now. */
  readonly followers: number;
  /** How many events followers were given. */
  readonly handedOut: number;
}

/** A log that hands out at most `batchSize` events at once. */
export function openTestEvents(batchSize = 100): TestEvents {
  const log: Event[] = [];
  const sleepers = new Set<() => void>();
  let followers = 0;
  let handedOut = 0;
  const matching = (after: number, filter: EventFilter) => log.slice(after).filter((event) => matches(event, filter));
  async function* follow({ after, filter, signal }: Parameters<EventsDoor["follow"]>[0]): AsyncGenerator<Event[]> {
    followers++;
    try {
      for (let cursor = after; !signal.aborted; ) {
        const batch = matching(cursor, filter).slice(0, batchSize);
        if (batch.length === 0) await slept(signal);
        handedOut += batch.length;
        if (batch.length > 0) yield batch;
        cursor = batch.at(-1)?.seq ?? cursor;
      }
    } finally {
      followers--;
    }
  }
  const slept = (signal: AbortSignal) =>
    new Promise<void>((wake) => {
      sleepers.add(wake);
      signal.addEventListener("abort", () => wake(), { once: true });
    });
  return {
    follow,
    get followers() {
      return followers;
    },
    get handedOut() {
      return handedOut;
    },
    last: () => log.length,
    list: async ({ after = 0, limit, ...filter }) => {
      const items = matching(after, filter).slice(0, limit);
      return { items, nextCursor: items.at(-1)?.seq ?? after };
    },
    append(...events) {
      for (const event of events) log.push({ ...blank, ...event, seq: log.length + 1 });
      for (const wake of sleepers) wake();
      sleepers.clear();
    },
  };
}

const blank: Event = { seq: 0, at: "2026-01-01T00:00:00.000Z", type: "task.submitted", taskId: null, stepId: null, attemptId: null, agentId: null, data: {} };

function matches(event: Event, { taskId, agentId, type }: EventFilter): boolean {
  const hasType = type === undefined || event.type === type || (type.endsWith(".*") && event.type.startsWith(type.slice(0, -1)));
  return hasType && (taskId === undefined || event.taskId === taskId) && (agentId === undefined || event.agentId === agentId);
}
