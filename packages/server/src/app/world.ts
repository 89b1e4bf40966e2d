// The living things, made once and in order, and ended in the opposite order.
import { join } from "node:path";
import type { Logger } from "pino";
import { type AgentsWorld, openRegistry } from "../agents/agents.ts";
import { type Catalogue, openCatalogue } from "../agents/catalogue.ts";
import { openTemplates, type Templates } from "../agents/templates.ts";
import { type Connectors, openConnectors } from "../connectors/connectors.ts";
import { openStandingBudgets } from "../budgets/budgets.ts";
import { openEventLog } from "../events/events.ts";
import { newId, systemClock } from "../std/clock.ts";
import { openSeal, readSealKey } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { migrate } from "../store/migrate.ts";
import { openPostgres } from "../store/postgres.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openPrograms } from "../programs/programs.ts";
import { type Messaging, openMessaging } from "../messages/messages.ts";
import { openScheduler } from "../schedules/schedules.ts";
import { openSessionSweep } from "../sessions/sessions.ts";
import { type Dispatcher, openDispatcher, openPlanLibrary, type TasksWorld } from "../tasks/tasks.ts";
import { type AccessWorld, openAccessWorld } from "./access-world.ts";
import { type Config, sealKeyFile, sqliteFile } from "./config.ts";

export type World = AgentsWorld &
  AccessWorld &
  TasksWorld & {
    config: Config;
    log: Logger;
    templates: Templates;
    catalogue: Catalogue;
    connectors: Connectors;
    messaging: Messaging;
    startedAt: number;
    close(): Promise<void>;
  };

export async function openWorld(config: Config, log: Logger): Promise<World> {
  const clock = systemClock;
  const sealKey = readSealKey(config.secretKey, sealKeyFile(config));
  const seal = openSeal(sealKey);
  const db: Db = config.databaseUrl
    ? await openPostgres({ url: config.databaseUrl, maxConnections: config.databaseConnections })
    : openSqlite({ file: sqliteFile(config), synchronous: config.sqliteSynchronous });
  await migrate(db, clock.now());
  const events = await openEventLog({ db, clock, pollMs: config.pollMs });
  const templates = await openTemplates({ db, clock, newId, events, seal }, config.templatesDir);
  const catalogue = openCatalogue(config.catalogueDir, config.maxConcurrentAttempts);
  const registry = await openRegistry(db, seal, clock);
  const budgets = await openStandingBudgets(db);
  const connectors = openConnectors({
    findTemplate: async (idOrName) => templates.find(idOrName),
    readEnv: (name) => (config.agentEnv.includes(name) ? process.env[name] : undefined),
    readSecret: () => undefined,
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
  const base = {
    plans,
    db,
    clock,
    newId,
    seal,
    events,
    registry,
    budgets,
    log,
    connectorOf: connectors.get,
    random: Math.random,
    programs,
    checksDirectory: join(config.dataDir, "attempts"),
  };
  const dispatcher: Dispatcher = await openDispatcher({ ...base, adopt: connectors.dialin.adopt, settings: config });
  const access = await openAccessWorld({ db, clock, newId, log, config, sealKey });
  const scheduler = openScheduler({ ...base, adopt: connectors.dialin.adopt, settings: config, dispatcher });
  const sweep = openSessionSweep({ ...base, settings: config });
  const messaging = await openMessaging({ ...base, settings: config });
  return {
    ...base,
    messaging,
    ...access,
    adopt: connectors.dialin.adopt,
    settings: config,
    config,
    dispatcher,
    templates,
    catalogue,
    connectors,
    startedAt: clock.now(),
    close: async () => {
      await sweep.stop();
      await scheduler.stop();
      await messaging.close();
      await dispatcher.stop();
      await programs.close();
      await connectors.close();
      await access.audit.close();
      await events.close();
      await db.close();
    },
  };
}

const hostOf = (url: string | undefined): string[] => (url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []);
