// The living things of access: accounts, logins, the audit log; and the first admin of a new store.
import { createHmac } from "node:crypto";
import { type AccountsWorld, type Audit, createFirstAdmin, type Logins, type Oidc, openLogins, openProjects, type Projects } from "../access/access.ts";
import { openAudit } from "../access/audit.ts";
import { openOidc } from "../access/oidc.ts";
import { openPasswords } from "../access/passwords.ts";
import { openStanding, type Standing } from "../access/standing.ts";
import { openTokenKeys } from "../access/token-keys.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Db } from "../store/db.ts";
import type { Config } from "./config.ts";
import { openIssuerFetch } from "./issuer-fetch.ts";

const TOKEN_SECONDS = 900;

export interface AccessWorld {
  accounts: AccountsWorld;
  audit: Audit;
  logins: Logins;
  projects: Projects;
  standing: Standing;
  oidc: Oidc | undefined;
  closeAccess(): Promise<void>;
}
interface Given {
  db: Db;
  clock: Clock;
  newId(): string;
  log: Log;
  config: Config;
  /** The keys for secrets at rest by which tokens may be signed now. */
  sealKeys(): readonly Buffer[];
}
export async function openAccessWorld(given: Given): Promise<AccessWorld> {
  const { config, sealKeys, ...world } = given;
  const secrets = config.jwtSecrets.length > 0 ? () => config.jwtSecrets : openSecretsFrom(sealKeys);
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
  const standing = await openStanding(accounts);
  const { oidcIssuer: issuer, oidcClientId: clientId } = config;
  const calls = issuer === undefined ? undefined : openIssuerFetch(issuer, { allow: config.outbound, hosts: config.outboundHosts });
  const more = { clientSecret: config.oidcClientSecret, name: config.oidcName, role: config.oidcRole, projects: config.oidcProjects };
  const oidc = calls && issuer !== undefined && clientId !== undefined ? openOidc(accounts, { issuer, clientId, ...more, fetch: calls.fetch }) : undefined;
  const closeAccess = async (): Promise<void> => {
    await calls?.close();
    await standing.close();
    await audit.close();
  };
  return { accounts, audit, logins, projects, standing, oidc, closeAccess };
}
/** Made of the keys for secrets at rest, anew when those change: what a replaced key could sign is good no more, from that moment on. */
function openSecretsFrom(sealKeys: () => readonly Buffer[]): () => readonly string[] {
  let made: { of: string; secrets: readonly string[] } | undefined;
  return () => {
    const keys = sealKeys();
    const of = keys.map((key) => key.toString("base64")).join();
    if (made?.of !== of) made = { of, secrets: keys.map((key) => createHmac("sha256", key).update("access tokens").digest("hex")) };
    return made.secrets;
  };
}
