// What each setting means, told to whoever may see it. `config.test.ts` holds this list to the names that `config.ts` reads.
import type { Setting } from "@baton/contract";
import type { Config } from "./config.ts";

type Group = Setting["group"];
interface Described {
  group: Group;
  /** The first is its own name, the others are from older documents. */
  names: readonly [string, ...string[]];
  meaning: string;
  of: (config: Config) => string | number | boolean | readonly string[] | undefined;
  isSecret?: true;
}
const HOUR_MS = 3_600_000;
const of =
  (group: Group) =>
  (names: string, meaning: string, value: Described["of"]): Described => ({ group, names: names.split(" ") as [string, ...string[]], meaning, of: value });
const secret = (described: Described): Described => ({ ...described, isSecret: true });

const place = of("where it is");
const store = of("store");
const access = of("who may come in");
const secrets = of("secrets");
const agents = of("agents");
const work = of("work");
const talk = of("messages and sessions");
const limits = of("limits");
const log = of("log");

export const described: readonly Described[] = [
  place("BATON_HOST ORCHESTRATION_API_HOST", "The address it listens on. Beyond loopback it demands credentials.", ({ host }) => host),
  place("BATON_PORT ORCHESTRATION_API_PORT PORT", "The port it listens on; 0: any that is free.", ({ port }) => port),
  place("BATON_PUBLIC_URL", "How agents and browsers elsewhere reach it, such as https://baton.example.com.", ({ publicUrl }) => publicUrl),
  place("BATON_SERVER_NAME", "What it is called among the servers of one store.", ({ serverName }) => serverName),
  place("BATON_TLS_CERT", "A certificate and those above it, a PEM file, for HTTPS. A renewed one counts without a restart.", ({ tlsCert }) => tlsCert),
  place("BATON_TLS_KEY", "The key of the certificate, a PEM file.", ({ tlsKey }) => tlsKey),
  secret(place("BATON_TLS_KEY_PASSPHRASE", "What opens that key when it is encrypted.", ({ tlsKeyPassphrase }) => tlsKeyPassphrase)),
  place("BATON_TLS_MIN_VERSION", "The oldest TLS it speaks.", ({ tlsMinVersion }) => tlsMinVersion),
  place("BATON_TRUST_PROXY", "Whether it believes a proxy in front of it about addresses and HTTPS.", ({ trustProxy }) => trustProxy),
  place("BATON_PROXY_HOPS", "How many proxies stand one behind the other, where it believes them.", ({ proxyHops }) => proxyHops),
  place("NODE_ENV", "`production`: it starts with credentials only.", ({ isProduction }) => (isProduction ? "production" : undefined)),
  place(
    "BATON_PUSH_CONTACT",
    "Whom push services may write to about notices sent to browsers: a mailto: or https: address. Not set: BATON_PUBLIC_URL. Apple's refuses who names none.",
    ({ pushContact }) => pushContact,
  ),
  store("BATON_DATA_DIR", "Where its files are: the SQLite database, keys, work trees, agents' homes.", ({ dataDir }) => dataDir),
  secret(
    store("DATABASE_URL BATON_DATABASE_URL", "A Postgres for one or many servers. Not set: SQLite in the data directory.", ({ databaseUrl }) => databaseUrl),
  ),
  store("BATON_DATABASE_CONNECTIONS", "Connections to Postgres at the most.", ({ databaseConnections }) => databaseConnections),
  secret(
    store(
      "REDIS_URL BATON_REDIS_URL",
      "A Redis through which servers of one Postgres wake each other faster. Nothing is kept there.",
      ({ redisUrl }) => redisUrl,
    ),
  ),
  secret(store("RABBITMQ_URL BATON_AMQP_URL", "A RabbitMQ for the same, in place of Redis.", ({ amqpUrl }) => amqpUrl)),
  store("BATON_SQLITE_SYNCHRONOUS", "`full`: a commit outlives a power cut; `normal`: it outlives the process.", ({ sqliteSynchronous }) => sqliteSynchronous),
  secret(access("BATON_API_KEYS BATON_API_KEY ORCHESTRA_API_KEY", "Keys of operators, by comma: each may do everything.", ({ apiKeys }) => apiKeys)),
  access("ENABLE_AUTH BATON_ENABLE_AUTH", "Whether credentials are demanded. Not set: beyond loopback they are.", ({ requireAuth }) => requireAuth),
  access("ALLOW_INSECURE", "Lets it start beyond loopback without credentials.", ({ allowInsecure }) => allowInsecure),
  secret(access("BATON_ADMIN_PASSWORD", "Of the user admin, who is made where there are no users yet.", ({ adminPassword }) => adminPassword)),
  secret(
    access(
      "JWT_SECRET_KEY Jwt__Secret",
      "Signs access tokens, by comma: with the first, and good by any. Not set: one is made.",
      ({ jwtSecrets }) => jwtSecrets,
    ),
  ),
  access("JWT_ISSUER Jwt__Issuer", "Who issues access tokens.", ({ jwtIssuer }) => jwtIssuer),
  access("JWT_AUDIENCE Jwt__Audience", "Whom access tokens are for.", ({ jwtAudience }) => jwtAudience),
  access("SESSION_TIMEOUT", "How long a login lives without being used, in seconds.", ({ sessionSeconds }) => sessionSeconds),
  access("BATON_OIDC_ISSUER", "An OpenID Connect provider where people log in.", ({ oidcIssuer }) => oidcIssuer),
  access("BATON_OIDC_CLIENT_ID", "What this server is called there.", ({ oidcClientId }) => oidcClientId),
  secret(access("BATON_OIDC_CLIENT_SECRET", "What it proves itself with there.", ({ oidcClientSecret }) => oidcClientSecret)),
  access("BATON_OIDC_NAME", "What the button to it says.", ({ oidcName }) => oidcName),
  access("BATON_OIDC_ROLE", "What whoever comes from there for the first time becomes.", ({ oidcRole }) => oidcRole),
  access("BATON_OIDC_PROJECTS", "In which projects they are then, by comma.", ({ oidcProjects }) => oidcProjects),
  access("BATON_CORS_ORIGINS FRONTEND_URL", "Pages of other origins that may call it, by comma.", ({ corsOrigins }) => corsOrigins),
  secret(
    secrets("BATON_SECRET_KEY", "What secrets at rest are sealed with; servers of one store share it. Not set: a key file.", ({ secretKey }) => secretKey),
  ),
  secret(
    secrets(
      "BATON_SECRET_KEY_PREVIOUS",
      "What it was before, by comma, until `baton secrets rotate-key` has been run.",
      ({ previousSecretKeys }) => previousSecretKeys,
    ),
  ),
  agents("BATON_OUTBOUND", "Where agents may be that it calls: `public`, also `loopback`, or also `private` networks.", ({ outbound }) => outbound),
  agents("BATON_OUTBOUND_HOSTS", "Hosts that may be called wherever they are, by comma.", ({ outboundHosts }) => outboundHosts),
  agents("BATON_AGENT_ENV", "Names of its environment that registrations may use as ${NAME}, by comma.", ({ agentEnv }) => agentEnv),
  agents("OLLAMA_API_URL BATON_OLLAMA_URL", "Where an Ollama is, for model agents that name no address.", ({ ollamaUrl }) => ollamaUrl),
  agents("BATON_TEMPLATES_DIR", "More templates of HTTP agents, a directory of YAML files.", ({ templatesDir }) => templatesDir),
  agents("BATON_CATALOGUE_DIR", "More entries for the catalogue of agents, a directory of YAML files.", ({ catalogueDir }) => catalogueDir),
  agents("BATON_HEALTH_CHECK_MS", "How often agents are asked whether they are well, in milliseconds.", ({ healthCheckMs }) => healthCheckMs),
  agents("BATON_RECONNECT_MS", "How long an attempt waits for a dial-in agent that lost its connection, in milliseconds.", ({ reconnectMs }) => reconnectMs),
  work("BATON_PLANS_DIR", "Plans of your own, a directory of YAML files.", ({ plansDir }) => plansDir),
  work(
    "MAX_CONCURRENT_TASKS BATON_MAX_CONCURRENT_ATTEMPTS",
    "Attempts under way on this server at once.",
    ({ maxConcurrentAttempts }) => maxConcurrentAttempts,
  ),
  work(
    "BATON_WORKSPACE_PORTS",
    "Of which work trees get ports of their own, as many as their baton.yaml asks for: two numbers such as 20000-29999.",
    ({ workspacePorts: { from, to } }) => `${from}-${to}`,
  ),
  work(
    "BATON_WORKSPACES_MAX_MB",
    "What the work trees of this server may take of its disk, in megabytes: above it no more are made.",
    ({ workspacesMaxMb }) => workspacesMaxMb,
  ),
  work(
    "BATON_WORKSPACE_RETENTION_HOURS",
    "After how many hours without use a work tree is removed whose work has landed, or that has none.",
    ({ workspaceRetentionMs }) => workspaceRetentionMs / HOUR_MS,
  ),
  work(
    "BATON_CONFLICTS",
    "Of work trees whose changes overlap: `warn`, they are listed and told in the log; `tell`, their agents are sent a message, too; `queue`, and of two tasks that are about the same files the later one waits until the other has landed or ended; `off`, nobody looks.",
    ({ conflicts }) => conflicts,
  ),
  work(
    "BATON_CONFLICT_WAIT_MS",
    "How long a task waits for another one that is about the same files (`BATON_CONFLICTS=queue`), in milliseconds; then it goes on.",
    ({ conflictWaitMs }) => conflictWaitMs,
  ),
  work("BATON_ATTEMPT_TIMEOUT_MS", "How long an attempt may take where nothing else is said, in milliseconds.", ({ defaultTimeoutMs }) => defaultTimeoutMs),
  work("BATON_LEASE_MS", "How long work of a server that fell silent stays its own, in milliseconds.", ({ leaseMs }) => leaseMs),
  work("BATON_POLL_MS", "How late anything may be noticed when every hint is lost, in milliseconds.", ({ pollMs }) => pollMs),
  work("BATON_DRAIN_MS", "How long a stopping server waits for what it carries out, in milliseconds.", ({ drainMs }) => drainMs),
  talk("BATON_SESSION_IDLE_HOURS", "After how many hours without a turn a session expires.", ({ sessionIdleMs }) => sessionIdleMs / HOUR_MS),
  talk("BATON_SESSION_RETENTION_HOURS", "For how many more hours it can be read.", ({ sessionRetentionMs }) => sessionRetentionMs / HOUR_MS),
  talk(
    "MESSAGE_RETENTION_HOURS BATON_MESSAGE_RETENTION_HOURS",
    "For how many hours messages are kept, dead letters from when they became such.",
    ({ messageRetentionMs }) => messageRetentionMs / HOUR_MS,
  ),
  talk("BATON_MESSAGES_PER_SECOND", "What one sender may send a second.", ({ messageFlood }) => messageFlood.perSecond),
  talk("BATON_MESSAGE_BURST", "What one sender may send at once.", ({ messageFlood }) => messageFlood.burst),
  talk("BATON_MESSAGE_ROUTING", "Messages that no rule is about: `open`, they go; `closed`, they are refused.", ({ messageRouting }) => messageRouting),
  talk("BATON_MESSAGE_STAGES", "A module of your own with stages that messages pass.", ({ messageStagesFile }) => messageStagesFile),
  talk("BATON_REQUIRE_SIGNATURES", "Whether all agents must sign what they send.", ({ requireSignatures }) => requireSignatures),
  limits("BATON_BODY_LIMIT_BYTES", "How large a request may be, in bytes.", ({ bodyLimitBytes }) => bodyLimitBytes),
  limits("BATON_RATE_LIMIT", "Requests of one caller in ten seconds.", ({ rateLimit }) => rateLimit.max),
  limits(
    "BATON_STRANGER_LIMIT",
    "Requests in ten seconds of an address that shows no credentials, where they are demanded.",
    ({ strangerLimit }) => strangerLimit,
  ),
  limits(
    "BATON_MAX_CONNECTIONS_PER_ADDRESS",
    "Connections of one address at once. Not set: 1000, but for this machine and for a proxy.",
    ({ maxConnectionsPerAddress }) => maxConnectionsPerAddress,
  ),
  limits(
    "BATON_MAX_CONNECTIONS",
    "Connections at once, of all addresses. Not set: 20000. Beyond it the oldest that showed no credentials ends.",
    ({ maxConnections }) => maxConnections,
  ),
  log("LOG_LEVEL BATON_LOG_LEVEL", "What is logged: this and what is worse.", ({ logLevel }) => logLevel),
  log("BATON_LOG_FILE", "Where to. Not set: standard output.", ({ logFile }) => logFile),
];

/** As they count; of secret ones only whether the environment has them. */
export function toSettings(config: Config, environment: Readonly<Record<string, string | undefined>>): Setting[] {
  return described.map(({ group, names: [name, ...otherNames], meaning, of: valueOf, isSecret = false }) => ({
    name,
    otherNames,
    group,
    meaning,
    isSecret,
    value: isSecret ? null : toText(valueOf(config)),
    givenAs: [name, ...otherNames].find((one) => (environment[one] ?? "").trim() !== "") ?? null,
  }));
}
const toText = (value: ReturnType<Described["of"]>): string | null => {
  if (value === undefined || (typeof value === "object" && value.length === 0)) return null;
  return typeof value === "object" ? value.join(", ") : String(value);
};
