// Every setting of the server on one page: its name in the environment (and the names older documents use), its meaning, its
// default. Read once at start; a value that cannot be understood is refused with what is allowed.
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { type AccessRole, accessRoles, DEFAULT_PROJECT, Refusal } from "@baton/contract";
import { isLoopback } from "../access/decide-access.ts";
import type { ConflictPolicy } from "../conflicts/conflicts.ts";

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  /** PEM files of a certificate and its key, for HTTPS. Replaced while the server runs, a renewal needs no restart. Both, or neither. */
  tlsCert: string | undefined;
  tlsKey: string | undefined;
  /** Of an encrypted key. */
  tlsKeyPassphrase: string | undefined;
  tlsMinVersion: "1.2" | "1.3";
  dataDir: string;
  /** postgres://… for a cluster; undefined: SQLite in the data directory. */
  databaseUrl: string | undefined;
  databaseConnections: number;
  /** redis://… for hints between servers that share a Postgres, faster than its own. Nothing is kept in it, and nothing is lost with it. */
  redisUrl: string | undefined;
  /** amqp://… of a RabbitMQ, for the same hints in place of Redis'. */
  amqpUrl: string | undefined;
  /** `full`: a commit survives the machine; `normal`: it survives the process. */
  sqliteSynchronous: "full" | "normal";
  apiKeys: string[];
  requireAuth: boolean | undefined;
  /** Of the user `admin`, who is made when the store has no users yet. */
  adminPassword: string | undefined;
  /** Access tokens are signed with the first and accepted with any. Empty: one is made from the key for secrets at rest. */
  jwtSecrets: string[];
  jwtIssuer: string;
  jwtAudience: string;
  /** `N` of scrypt. Not from the environment: hashes of one store share it. */
  passwordCost: number | undefined;
  /** How long a login lives without being used. */
  sessionSeconds: number;
  /** Where people log in, beside passwords: the address of an OpenID Connect provider. It knows this server as `oidcClientId`, with `<its address>/api/v1/auth/oidc/callback` to come back to. */
  oidcIssuer: string | undefined;
  oidcClientId: string | undefined;
  /** Undefined: a public client. It is shown nowhere. */
  oidcClientSecret: string | undefined;
  /** What the page calls it. Undefined: its host. */
  oidcName: string | undefined;
  /** What whoever comes from there for the first time becomes, and in which projects; an admin may change it later. */
  oidcRole: AccessRole;
  oidcProjects: string[];
  allowInsecure: boolean;
  isProduction: boolean;
  corsOrigins: string[];
  trustProxy: boolean;
  /** How many proxies stand one behind the other: what others say of where a request comes from is not believed. */
  proxyHops: number;
  /** How agents elsewhere reach this server, such as `https://baton.example.com`: for those that tell when their task moves. */
  publicUrl: string | undefined;
  /** Whom a push service may write to about what this server sends: `mailto:` or `https:`. */
  pushContact: string | undefined;
  bodyLimitBytes: number;
  /** What one caller may ask at once, and again over the window; counted together by servers that share a Postgres and a Redis. */
  rateLimit: { max: number; windowMs: number };
  /** Of an address that shows no credentials where they are demanded, in the same time. */
  strangerLimit: number;
  /** Undefined: 1000, but for this machine itself and for a proxy. A network of IPv6 (/64) is one address. */
  maxConnectionsPerAddress: number | undefined;
  maxConnections: number | undefined;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
  logFile: string | undefined;
  /** Where HTTP agents may be: `public`, also `loopback`, or also `private` networks. */
  outbound: "public" | "loopback" | "private";
  outboundHosts: string[];
  /** Names of this server's environment that agents' headers may use as `${NAME}`. */
  agentEnv: string[];
  /** Where an Ollama is, for `openai` agents that name no address. Its host may be called wherever it is. */
  ollamaUrl: string | undefined;
  /** From which the key for secrets at rest is made; servers that share a store share it. Undefined: a key file in the data directory. */
  secretKey: string | undefined;
  /** What `secretKey` was before: they open what they sealed until `baton secrets rotate-key` has sealed it anew. */
  previousSecretKeys: string[];
  templatesDir: string | undefined;
  /** Of `*.yaml` files with more entries for the catalogue of agents; an entry replaces a built-in one of its name. */
  catalogueDir: string | undefined;
  /** Of plans in YAML, beside those that come with the program. */
  plansDir: string | undefined;
  dashboardDir: string | undefined;
  serverName: string;
  leaseMs: number;
  pollMs: number;
  healthCheckMs: number;
  maxConcurrentAttempts: number;
  defaultTimeoutMs: number;
  drainMs: number;
  /** How long an attempt waits for a dial-in agent that lost its connection. */
  reconnectMs: number;
  sessionIdleMs: number;
  /** How long an expired session can be read, before it is removed. */
  sessionRetentionMs: number;
  /** How long messages are kept; dead letters are, from when they became such. */
  messageRetentionMs: number;
  /** What one sender may send. */
  messageFlood: { perSecond: number; burst: number };
  /** Whether agents must sign what they send, each of them; one by one it is said where its keys are. */
  requireSignatures: boolean;
  /** Of messages that no rule is about: `open`, they go; `closed`, they are refused. */
  messageRouting: "open" | "closed";
  /** A module that exports stages of this installation, which messages pass before they are kept. */
  messageStagesFile: string | undefined;
  /** Of which workspaces get ports of their own, both ends included. */
  workspacePorts: { from: number; to: number };
  /** In megabytes, of all workspaces on this server: above it no more are made. undefined: as many as there is room for. */
  workspacesMaxMb: number | undefined;
  /** After how long without use a workspace is removed whose work has landed, or that has none. */
  workspaceRetentionMs: number;
  /** Of work trees whose changes overlap: `warn`, they are listed and told in the log; `tell`, the agents of both are sent a message, too; `off`, nobody looks. */
  conflicts: ConflictPolicy | "off";
  conflictWaitMs: number;
}
const HOUR_MS = 3_600_000;
type Environment = Readonly<Record<string, string | undefined>>;

/** @param given settings that win over the environment, such as those of the command line. @throws Refusal `bad_input`. */
export function readConfig(environment: Environment, given: Partial<Config> = {}): Config {
  const env = reader(environment);
  const dataDir = resolve(given.dataDir ?? env.text("BATON_DATA_DIR") ?? ".baton");
  const host = given.host ?? env.text("BATON_HOST", "ORCHESTRATION_API_HOST") ?? "127.0.0.1";
  const fromEnvironment: Config = {
    host,
    port: env.whole(0, 65_535, "BATON_PORT", "ORCHESTRATION_API_PORT", "PORT") ?? 8000,
    tlsCert: env.text("BATON_TLS_CERT"),
    tlsKey: env.text("BATON_TLS_KEY"),
    tlsKeyPassphrase: env.text("BATON_TLS_KEY_PASSPHRASE"),
    tlsMinVersion: env.choice(["1.2", "1.3"] as const, "BATON_TLS_MIN_VERSION") ?? "1.2",
    dataDir,
    databaseUrl: env.text("DATABASE_URL", "BATON_DATABASE_URL"),
    redisUrl: env.text("REDIS_URL", "BATON_REDIS_URL"),
    amqpUrl: env.text("RABBITMQ_URL", "BATON_AMQP_URL"),
    databaseConnections: env.whole(2, 1000, "BATON_DATABASE_CONNECTIONS") ?? 10,
    sqliteSynchronous: env.choice(["full", "normal"] as const, "BATON_SQLITE_SYNCHRONOUS") ?? "full",
    apiKeys: env.list("BATON_API_KEYS", "BATON_API_KEY", "ORCHESTRA_API_KEY") ?? [],
    requireAuth: env.flag("ENABLE_AUTH", "BATON_ENABLE_AUTH"),
    adminPassword: env.text("BATON_ADMIN_PASSWORD"),
    jwtSecrets: env.list("JWT_SECRET_KEY", "Jwt__Secret") ?? [],
    jwtIssuer: env.text("JWT_ISSUER", "Jwt__Issuer") ?? "baton",
    jwtAudience: env.text("JWT_AUDIENCE", "Jwt__Audience") ?? "baton",
    passwordCost: undefined,
    sessionSeconds: env.whole(60, 31_536_000, "SESSION_TIMEOUT") ?? 3600,
    oidcIssuer: env.url("BATON_OIDC_ISSUER"),
    oidcClientId: env.text("BATON_OIDC_CLIENT_ID"),
    oidcClientSecret: env.text("BATON_OIDC_CLIENT_SECRET"),
    oidcName: env.text("BATON_OIDC_NAME"),
    oidcRole: env.choice(accessRoles, "BATON_OIDC_ROLE") ?? "viewer",
    oidcProjects: env.list("BATON_OIDC_PROJECTS") ?? [DEFAULT_PROJECT],
    allowInsecure: env.flag("ALLOW_INSECURE") ?? false,
    isProduction: environment["NODE_ENV"] === "production",
    corsOrigins: env.list("BATON_CORS_ORIGINS", "FRONTEND_URL") ?? [],
    trustProxy: env.flag("BATON_TRUST_PROXY") ?? false,
    proxyHops: env.whole(1, 10, "BATON_PROXY_HOPS") ?? 1,
    publicUrl: env.url("BATON_PUBLIC_URL"),
    pushContact: env.contact("BATON_PUSH_CONTACT"),
    bodyLimitBytes: env.whole(1024, 64 << 20, "BATON_BODY_LIMIT_BYTES") ?? 1 << 20,
    rateLimit: { max: env.whole(1, 10_000_000, "BATON_RATE_LIMIT") ?? 100_000, windowMs: 10_000 },
    strangerLimit: env.whole(1, 10_000_000, "BATON_STRANGER_LIMIT") ?? 1000,
    maxConnectionsPerAddress: env.whole(1, 1_000_000, "BATON_MAX_CONNECTIONS_PER_ADDRESS"),
    maxConnections: env.whole(1, 1_000_000, "BATON_MAX_CONNECTIONS"),
    logLevel: env.choice(["debug", "info", "warn", "error", "silent"] as const, "LOG_LEVEL", "BATON_LOG_LEVEL") ?? "info",
    logFile: env.text("BATON_LOG_FILE"),
    outbound: env.choice(["public", "loopback", "private"] as const, "BATON_OUTBOUND") ?? (isLoopback(host) ? "loopback" : "public"),
    outboundHosts: env.list("BATON_OUTBOUND_HOSTS") ?? [],
    agentEnv: env.list("BATON_AGENT_ENV") ?? ["OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY", "DATABRICKS_TOKEN"],
    ollamaUrl: env.text("OLLAMA_API_URL", "BATON_OLLAMA_URL"),
    secretKey: env.text("BATON_SECRET_KEY"),
    previousSecretKeys: env.list("BATON_SECRET_KEY_PREVIOUS") ?? [],
    templatesDir: env.text("BATON_TEMPLATES_DIR"),
    catalogueDir: env.text("BATON_CATALOGUE_DIR"),
    plansDir: env.text("BATON_PLANS_DIR"),
    dashboardDir: undefined,
    serverName: env.text("BATON_SERVER_NAME") ?? hostname(),
    leaseMs: env.whole(1000, 600_000, "BATON_LEASE_MS") ?? 15_000,
    pollMs: env.whole(50, 60_000, "BATON_POLL_MS") ?? 1000,
    healthCheckMs: env.whole(1000, 3_600_000, "BATON_HEALTH_CHECK_MS") ?? 30_000,
    maxConcurrentAttempts: env.whole(1, 1_000_000, "MAX_CONCURRENT_TASKS", "BATON_MAX_CONCURRENT_ATTEMPTS") ?? 10_000,
    defaultTimeoutMs: env.whole(100, 604_800_000, "BATON_ATTEMPT_TIMEOUT_MS") ?? 300_000,
    drainMs: env.whole(0, 600_000, "BATON_DRAIN_MS") ?? 5000,
    reconnectMs: env.whole(100, 600_000, "BATON_RECONNECT_MS") ?? 15_000,
    sessionIdleMs: (env.whole(1, 87_600, "BATON_SESSION_IDLE_HOURS") ?? 24) * HOUR_MS,
    sessionRetentionMs: (env.whole(1, 876_000, "BATON_SESSION_RETENTION_HOURS") ?? 720) * HOUR_MS,
    messageRetentionMs: (env.whole(1, 8760, "MESSAGE_RETENTION_HOURS", "BATON_MESSAGE_RETENTION_HOURS") ?? 168) * 3_600_000,
    messageFlood: { perSecond: env.whole(1, 1_000_000, "BATON_MESSAGES_PER_SECOND") ?? 1000, burst: env.whole(1, 1_000_000, "BATON_MESSAGE_BURST") ?? 10_000 },
    messageStagesFile: env.text("BATON_MESSAGE_STAGES"),
    messageRouting: env.choice(["open", "closed"] as const, "BATON_MESSAGE_ROUTING") ?? "open",
    requireSignatures: env.flag("BATON_REQUIRE_SIGNATURES") ?? false,
    workspacePorts: env.range(1, 65_535, "BATON_WORKSPACE_PORTS") ?? { from: 20_000, to: 29_999 },
    workspacesMaxMb: env.whole(1, 1_000_000_000, "BATON_WORKSPACES_MAX_MB"),
    workspaceRetentionMs: (env.whole(1, 87_600, "BATON_WORKSPACE_RETENTION_HOURS") ?? 168) * HOUR_MS,
    conflicts: env.choice(["warn", "tell", "queue", "off"] as const, "BATON_CONFLICTS") ?? "warn",
    conflictWaitMs: env.whole(1000, 604_800_000, "BATON_CONFLICT_WAIT_MS") ?? 3_600_000,
  };
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...fromEnvironment, ...told };
}
export const sqliteFile = (config: Config): string => join(config.dataDir, "baton.db");
export const sealKeyFile = (config: Config): string => join(config.dataDir, "secret.key");

/** Each reader takes the first of the names that is set. */
function reader(environment: Environment) {
  const first = (names: readonly string[]): { name: string; value: string } | undefined => {
    for (const name of names) {
      const value = environment[name]?.trim();
      if (value !== undefined && value !== "") return { name, value };
    }
    return undefined;
  };
  const refuse = (name: string, value: string, allowed: string): never => {
    const issue = { path: name, message: `${JSON.stringify(value)} is not allowed; allowed: ${allowed}` };
    throw new Refusal("bad_input", `${name}: ${issue.message}.`, { issues: [issue] });
  };
  return {
    text: (...names: string[]) => first(names)?.value,
    list: (...names: string[]) =>
      first(names)
        ?.value.split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    whole: (least: number, most: number, ...names: string[]): number | undefined => {
      const found = first(names);
      if (!found) return undefined;
      const value = Number(found.value);
      return Number.isInteger(value) && value >= least && value <= most ? value : refuse(found.name, found.value, `a whole number from ${least} to ${most}`);
    },
    range: (least: number, most: number, ...names: string[]): { from: number; to: number } | undefined => {
      const found = first(names);
      if (!found) return undefined;
      const [, from = 0, to = 0] = (/^(\d+)\s*-\s*(\d+)$/.exec(found.value) ?? []).map(Number);
      return from >= least && to <= most && from <= to
        ? { from, to }
        : refuse(found.name, found.value, `two numbers from ${least} to ${most} such as ${least + 19_999}-${least + 29_998}`);
    },
    flag: (...names: string[]): boolean | undefined => {
      const found = first(names);
      if (!found) return undefined;
      if (/^(1|true|yes|on)$/i.test(found.value)) return true;
      return /^(0|false|no|off)$/i.test(found.value) ? false : refuse(found.name, found.value, "true or false");
    },
    url: (...names: string[]): string | undefined => {
      const found = first(names);
      if (!found) return undefined;
      return URL.canParse(found.value) && /^https?:$/.test(new URL(found.value).protocol)
        ? found.value
        : refuse(found.name, found.value, "an http or https address");
    },
    contact: (...names: string[]): string | undefined => {
      const found = first(names);
      if (!found) return undefined;
      return /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(found.value) ? found.value : refuse(found.name, found.value, "a mailto: or https: address");
    },
    choice: <Value extends string>(allowed: readonly Value[], ...names: string[]): Value | undefined => {
      const found = first(names);
      const value = allowed.find((one) => one === found?.value.toLowerCase());
      return found && value === undefined ? refuse(found.name, found.value, allowed.join(", ")) : value;
    },
  };
}
