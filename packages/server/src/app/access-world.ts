// The living things of access: accounts, logins, the audit log; and the first admin of a new store.
import { createHmac } from "node:crypto";
import { type AccountsWorld, type Audit, createFirstAdmin, type Logins, openLogins, openProjects, type Projects } from "../access/access.ts";
import { openAudit } from "../access/audit.ts";
import { openPasswords } from "../access/passwords.ts";
import { openStanding, type Standing } from "../access/standing.ts";
import { openTokenKeys } from "../access/token-keys.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import type { Config } from "./config.ts";

const TOKEN_SECONDS = 900;

export interface AccessWorld {
  accounts: AccountsWorld;
  audit: Audit;
  logins: Logins;
  projects: Projects;
  standing: Standing;
}
interface Given {
  db: Db;
  clock: Clock;
  newId(): string;
  log: Log;
  config: Config;
  sealKeys: readonly Buffer[];
}
export async function openAccessWorld(given: Given): Promise<AccessWorld> {
  const { config, sealKeys, ...world } = given;
  const secrets = config.jwtSecrets.length > 0 ? config.jwtSecrets : sealKeys.map((key) => createHmac("sha256", key).update("access tokens").digest("hex"));
  const tokenSeconds = Math.min(TOKEN_SECONDS, config.sessionSeconds);
  const tokenKeys = openTokenKeys({ secrets, issuer: config.jwtIssuer, audience: config.jwtAudience, lifetimeSeconds: tokenSeconds });
  const projects = openProjects(world);
  const accounts: AccountsWorld & { log: Log } = {
    ...world,
    projects,
    passwords: openPasswords(config.passwordCost),
    tokenKeys,
    tokenSeconds,
    sessionSeconds: config.sessionSeconds,
  };
  const audit: Audit = openAudit(world);
  const logins: Logins = openLogins(accounts);
  if (config.adminPassword !== undefined && (await createFirstAdmin(accounts, config.adminPassword))) {
    world.log.info({}, "the user admin was made, with the password of BATON_ADMIN_PASSWORD");
  }
  return { accounts, audit, logins, projects, standing: await openStanding(accounts) };
}
