// The living things, made once and in order, and ended in the opposite order.
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { adoptLiving, type AgentsWorld, openAgentChanges, openRegistry } from "../agents/agents.ts";
import { type Catalogue, openCatalogue } from "../agents/catalogue.ts";
import { openTemplates, type Templates } from "../agents/templates.ts";
import { type Connectors, openConnectors } from "../connectors/connectors.ts";
import { openRadar, openSight } from "../conflicts/conflicts.ts";
import { openStandingBudgets } from "../budgets/budgets.ts";
import { openEventLog } from "../events/events.ts";
import { type Clock, newId, systemClock } from "../std/clock.ts";
import { type Flood, openFlood, type SharedBuckets } from "../std/flood.ts";
import { openKeyring } from "../std/keyring.ts";
import { openSecrets, type Secrets, settleKeys } from "../secrets/secrets.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { openPostgres } from "../store/postgres.ts";
import { openRedisBuckets } from "../store/redis-buckets.ts";
import { openAmqpBus } from "../store/amqp-bus.ts";
import { withHints } from "../store/hints.ts";
import { openRedisBus } from "../store/redis-bus.ts";
import { nameOf } from "../store/redis-connection.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openPrograms } from "../programs/programs.ts";
import { openGit } from "../workspaces/git.ts";
import { type Messaging, openMessaging } from "../messages/messages.ts";
import { type LandingsWorld, openLandingWorker } from "../landing/landing.ts";
import { openScheduler } from "../schedules/schedules.ts";
import { openSessionSweep } from "../sessions/sessions.ts";
import { openWorkspaces } from "../workspaces/workspaces.ts";
import { type Dispatcher, openDispatcher, openPlanLibrary, type TasksWorld } from "../tasks/tasks.ts";
import { type AccessWorld, openAccessWorld } from "./access-world.ts";
import { type Config, sealKeyFile, sqliteFile } from "./config.ts";
import { toOwnTools } from "./tool-door.ts";

export type World = AgentsWorld &
  AccessWorld &
  TasksWorld &
  LandingsWorld & {
    config: Config;
    log: Logger;
    templates: Templates;
    catalogue: Catalogue;
    connectors: Connectors;
    messaging: Messaging;
    /** How much one caller may ask; `isStranger`: nobody knows who they are, and that is demanded. */
    requests: { take(caller: string, isStranger: boolean): Promise<void> | undefined };
    secrets: Secrets;
    /** Told by whoever opens the doors: where this server answers. */
    listensAt(url: string): void;
    startedAt: number;
    close(): Promise<void>;
  };

export async function openWorld(config: Config, log: Logger): Promise<World> {
  const clock = systemClock;
  const seal = openKeyring({ passphrase: config.secretKey, previous: config.previousSecretKeys, file: sealKeyFile(config) });
  const db: Db = config.databaseUrl
    ? await openCluster(config, config.databaseUrl, log)
    : openSqlite({ file: sqliteFile(config), synchronous: config.sqliteSynchronous });
  await migrate(db, clock.now());
  await settleKeys({ db, keyring: seal });
  const events = await openEventLog({ db, clock, newId, pollMs: config.pollMs });
  const templates = await openTemplates({ db, clock, newId, events, seal }, config.templatesDir);
  const catalogue = openCatalogue(config.catalogueDir, config.maxConcurrentAttempts);
  const registry = await openRegistry(db, seal, clock);
  const budgets = await openStandingBudgets(db);
  const readEnv = (name: string): string | undefined => (config.agentEnv.includes(name) ? process.env[name] : undefined);
  const secrets = openSecrets({ db, clock, newId, keyring: seal, log });
  const connectors = openConnectors({
    findTemplate: async (idOrName) => templates.find(idOrName),
    readEnv,
    readSecret: secrets.read,
    hiderFor: secrets.veil.of,
    publicUrl: config.publicUrl,
    outbound: { allow: config.outbound, hosts: [...config.outboundHosts, ...hostOf(config.ollamaUrl)] },
    ollamaUrl: config.ollamaUrl,
    attemptsDirectory: join(config.dataDir, "attempts"),
    homesDirectory: join(config.dataDir, "homes"),
    dataDir: config.dataDir,
    clock,
    newId,
    reconnectMs: config.reconnectMs,
  });
  const programs = openPrograms(clock);
  const plans = openPlanLibrary(config.plansDir);
  const git = openGit({ programs, newId });
  const held = await openWorkspaces(
    { db, clock, newId, log, events, git, programs },
    {
      directory: join(config.dataDir, "workspaces"),
      serverName: config.serverName,
      settings: {
        host: hostname(),
        ports: config.workspacePorts,
        maxDiskMb: config.workspacesMaxMb,
        retentionMs: config.workspaceRetentionMs,
        scratchDirectory: join(config.dataDir, "attempts"),
      },
    },
  );
  const sight = openSight({ policy: config.conflicts, longestWaitMs: config.conflictWaitMs });
  const { address, listensAt } = openAddress();
  const base = {
    ownTools: async (attempt: { attemptId: string; agentId: string }) => {
      const url = await address;
      return url === undefined ? undefined : toOwnTools(seal, url, attempt);
    },
    git,
    workspaces: held.workspaces,
    plans,
    db,
    clock,
    newId,
    seal,
    events,
    registry,
    changes: openAgentChanges({ db, events, registry }),
    budgets,
    sight,
    log,
    connectorOf: connectors.get,
    random: Math.random,
    programs,
    checksDirectory: join(config.dataDir, "attempts"),
    readEnv,
    judgingDirectory: join(config.dataDir, "judging"),
  };
  // Before anything is handed out: an attempt would find no terminal and start a second one.
  await adoptLiving(base);
  const dispatcher: Dispatcher = await openDispatcher({ ...base, adopt: connectors.dialin.adopt, settings: config });
  const access = await openAccessWorld({
    db,
    clock,
    newId,
    log,
    config,
    sealKeys: () => (config.secretKey === undefined ? seal.keys().slice(0, 1) : seal.keys()),
  });
  const scheduler = openScheduler({ ...base, adopt: connectors.dialin.adopt, settings: config, dispatcher });
  const sweep = openSessionSweep({ ...base, settings: config });
  const landing = await openLandingWorker({ ...base, adopt: connectors.dialin.adopt, settings: config, dispatcher });
  const sharedBuckets = config.databaseUrl && config.redisUrl ? await openRedisBuckets(db, config.redisUrl) : undefined;
  const requests = openRequests(base, config, sharedBuckets);
  const messaging = await openMessaging({ ...base, settings: config, sharedBuckets });
  const radar = config.conflicts === "off" ? undefined : await openRadar({ ...base, messaging, conflictPolicy: config.conflicts });
  sight.lookThrough(radar);
  return {
    ...base,
    requests,
    messaging,
    secrets,
    ...access,
    adopt: connectors.dialin.adopt,
    settings: config,
    config,
    dispatcher,
    templates,
    catalogue,
    connectors,
    listensAt,
    startedAt: clock.now(),
    close: async () => {
      listensAt(undefined);
      sight.lookThrough(undefined);
      await radar?.close();
      await landing.stop();
      await sweep.stop();
      await scheduler.stop();
      await messaging.close();
      sharedBuckets?.close();
      await dispatcher.stop();
      await held.close();
      await programs.close();
      await connectors.close();
      await access.closeAccess();
      await events.close();
      await db.close();
    },
  };
}

/** Known once the doors are open; undefined when they never will be. Attempts may begin before that. */
function openAddress(): { address: Promise<string | undefined>; listensAt(url: string | undefined): void } {
  let listensAt: (url: string | undefined) => void = () => undefined;
  const address = new Promise<string | undefined>((resolve) => (listensAt = resolve));
  return { address, listensAt: (url) => listensAt(url) };
}

/** Callers are counted by all servers together where there is Redis. */
function openRequests(
  world: { clock: Clock; log: Logger },
  { rateLimit: { max, windowMs }, strangerLimit }: Config,
  shared: SharedBuckets | undefined,
): World["requests"] {
  const open = (what: string, most: number, kind: string): Flood =>
    openFlood(
      world,
      { what, perSecond: (most / windowMs) * 1000, burst: most },
      shared && { take: (caller, wanted, wish) => shared.take(`${kind}:${caller}`, wanted, wish) },
    );
  const known = open("requests", max, "request");
  // Each of them is a denial, and every denial is kept: nobody may fill the disk by being refused.
  const strangers = open("requests without credentials", Math.min(max, strangerLimit), "stranger");
  return { take: (caller, isStranger) => (isStranger ? strangers : known).take(caller) };
}

/** Servers that share a Postgres hint at each other what to look at: by Redis where there is one, else by Postgres. */
/** Hints go by RabbitMQ where there is one, else by Redis, else by Postgres. */
async function openCluster({ databaseConnections, redisUrl, amqpUrl }: Config, url: string, log: Logger): Promise<Db> {
  const db = await openPostgres({ url, maxConnections: databaseConnections });
  if (amqpUrl !== undefined) return withHints(db, openAmqpBus(amqpUrl, await nameOf(db)), log);
  return redisUrl === undefined ? db : withHints(db, openRedisBus(redisUrl, await nameOf(db)), log);
}
const hostOf = (url: string | undefined): string[] => (url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []);
