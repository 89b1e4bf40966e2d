// Baton as one thing to start and stop: config -> world -> doors.
import { createRequire } from "node:module";
import { join } from "node:path";
import { Refusal } from "@baton/contract";
import { destination, pino } from "pino";
import { openAccounts } from "../access/access.ts";
import { decideAccess } from "../access/decide-access.ts";
import { toHandlers } from "../api/handlers.ts";
import { openHttp } from "../api/http.ts";
import { openCouriers } from "../couriers/couriers.ts";
import { hubDoors } from "./hub-doors.ts";
import { openToolsDoor } from "./tool-door.ts";
import { toSettings } from "./settings.ts";
import { openDetection } from "../detection/detection.ts";
import { openNotices } from "../notices/notices.ts";
import { openSight } from "../api/sight.ts";
import { openPushPost } from "./push-post.ts";
import { openFeeds, sendMessage, type Voice } from "../messages/messages.ts";
import { openDialinDoor } from "../tasks/tasks.ts";
import { type Config, readConfig } from "./config.ts";
import { type OpenCertificate, openCertificate } from "../std/certificate.ts";
import { systemClock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { openWhose } from "./whose.ts";
import { openWorld, type World } from "./world.ts";

/** Of what comes over an agent's own connection, whoever opened that. */
const asAgent = (agentId: string): Voice => ({ name: agentId, kind: "key", role: "agent", rights: [], agent: agentId });

export interface Baton {
  /** Where it answers: `http://127.0.0.1:8000`; `https://…` with a certificate. */
  url: string;
  world: World;
  /** Drains, gives back what it cannot finish, ends everything it started. Once, however often it is asked. */
  stop(): Promise<void>;
}
const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
export { version };

/** @param given settings that win over the environment. @throws Refusal when the settings or the state of the store forbid it. */
export async function startBaton(given: Partial<Config> = {}, environment: Readonly<Record<string, string | undefined>> = process.env): Promise<Baton> {
  const config = readConfig(environment, given);
  const access = decideAccess(config);
  if (!access.start) throw new Refusal("conflict", access.reason);
  const log = pino(
    { level: config.logLevel, base: null },
    destination(config.logFile === undefined ? { dest: 2, sync: true } : { dest: config.logFile, mkdir: true, sync: false }),
  );
  for (const warning of access.warnings) log.warn(warning);
  const certificate = await openTls(config, log);
  const world = await openWorld(config, log);
  // What was opened last is closed first, also when the start fails half way.
  const opened = [async () => certificate?.close(), () => world.close()];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const detection = openDetection({ ...world, environment, scratchDirectory: join(config.dataDir, "attempts") });
    opened.push(() => detection.close());
    const couriers = openCouriers(world);
    opened.push(() => couriers.close());
    const feeds = openFeeds(world);
    opened.push(() => feeds.close());
    const whose = openWhose(world);
    const push = openPushPost({ allow: config.outbound, hosts: config.outboundHosts });
    opened.push(() => push.close());
    const notices = openNotices({
      ...world,
      post: push.post,
      sees: (scope, event) => openSight({ whose }, scope)(event),
      requireAuth: access.requireAuth,
      contact: config.pushContact ?? (config.publicUrl?.startsWith("https:") ? config.publicUrl : undefined),
      pollMs: config.pollMs,
    });
    opened.push(() => notices.close());
    const testConnection = world.connectors.http.testConnection;
    const dialin = openDialinDoor({ ...world, dialin: world.connectors.dialin });
    opened.push(() => dialin.quiet());
    const http = await openHttp({
      handlers: toHandlers({
        ...world,
        publicUrl: config.publicUrl,
        testConnection,
        detect: detection.detect,
        onPush: world.connectors.a2a.onPush,
        notices,
        listSettings: () => toSettings(config, environment),
        version,
      }),
      events: { ...world.events, follow: ({ after, filter, signal }) => world.events.follow({ after, filter, signal }) },
      dialin,
      mail: { ...feeds, send: async (agentId, input) => (await sendMessage(world, input, asAgent(agentId))).message },
      ...hubDoors(world),
      tools: openToolsDoor(world),
      reach: { whose, projects: world.projects },
      accounts: openAccounts({ ...world.accounts, log }, { record: world.audit.record, hold: world.standing.hold }),
      config: { ...config, requireAuth: access.requireAuth },
      requests: world.requests,
      certificate,
      // The framework's own news is ours to tell.
      log: log.child({}, { level: config.logLevel === "info" ? "warn" : config.logLevel }),
      newId: world.newId,
      version,
    });
    opened.push(() => http.close());
    await http.listen();
    world.listensAt(http.address);
    log.info({ url: http.address, store: world.db.dialect }, "Baton is up");
    let stopped: Promise<void> | undefined;
    return {
      url: http.address,
      world,
      stop: () => (stopped ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
/** Half of it was refused before. */
async function openTls(
  { tlsCert: cert, tlsKey: key, tlsKeyPassphrase: passphrase, tlsMinVersion: minVersion }: Config,
  log: Log,
): Promise<OpenCertificate | undefined> {
  if (cert === undefined || key === undefined) return undefined;
  return openCertificate({ cert, key, passphrase, minVersion }, { clock: systemClock, log });
}
