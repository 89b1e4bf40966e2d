// Every setting: its names, what it takes, and what it refuses, saying what is allowed.
import { Refusal } from "@baton/contract";
import { describe, expect, test } from "vitest";
import { type Config, readConfig } from "./config.ts";
import { described, toSettings } from "./settings.ts";

const set = <K extends keyof Config>(field: K, names: string[], text: string, value: Config[K]) => ({ field, names, text, value });
const settings = [
  set("host", ["BATON_HOST", "ORCHESTRATION_API_HOST"], "0.0.0.0", "0.0.0.0"),
  set("port", ["BATON_PORT", "ORCHESTRATION_API_PORT", "PORT"], "9000", 9000),
  set("tlsCert", ["BATON_TLS_CERT"], "cert.pem", "cert.pem"),
  set("tlsKey", ["BATON_TLS_KEY"], "key.pem", "key.pem"),
  set("tlsKeyPassphrase", ["BATON_TLS_KEY_PASSPHRASE"], "p", "p"),
  set("tlsMinVersion", ["BATON_TLS_MIN_VERSION"], "1.3", "1.3"),
  set("dataDir", ["BATON_DATA_DIR"], "/somewhere", "/somewhere"),
  set("databaseUrl", ["DATABASE_URL", "BATON_DATABASE_URL"], "postgres://h/d", "postgres://h/d"),
  set("redisUrl", ["REDIS_URL", "BATON_REDIS_URL"], "redis://h:6379", "redis://h:6379"),
  set("amqpUrl", ["RABBITMQ_URL", "BATON_AMQP_URL"], "amqp://h:5672", "amqp://h:5672"),
  set("databaseConnections", ["BATON_DATABASE_CONNECTIONS"], "3", 3),
  set("sqliteSynchronous", ["BATON_SQLITE_SYNCHRONOUS"], "NORMAL", "normal"),
  set("apiKeys", ["BATON_API_KEYS", "BATON_API_KEY", "ORCHESTRA_API_KEY"], " one, two ,", ["one", "two"]),
  set("requireAuth", ["ENABLE_AUTH", "BATON_ENABLE_AUTH"], "Yes", true),
  set("allowInsecure", ["ALLOW_INSECURE"], "1", true),
  set("isProduction", ["NODE_ENV"], "production", true),
  set("corsOrigins", ["BATON_CORS_ORIGINS", "FRONTEND_URL"], "http://a", ["http://a"]),
  set("trustProxy", ["BATON_TRUST_PROXY"], "on", true),
  set("proxyHops", ["BATON_PROXY_HOPS"], "2", 2),
  set("publicUrl", ["BATON_PUBLIC_URL"], "https://baton.example.com", "https://baton.example.com"),
  set("pushContact", ["BATON_PUSH_CONTACT"], "mailto:ops@example.com", "mailto:ops@example.com"),
  set("bodyLimitBytes", ["BATON_BODY_LIMIT_BYTES"], "2048", 2048),
  set("rateLimit", ["BATON_RATE_LIMIT"], "7", { max: 7, windowMs: 10_000 }),
  set("strangerLimit", ["BATON_STRANGER_LIMIT"], "7", 7),
  set("maxConnectionsPerAddress", ["BATON_MAX_CONNECTIONS_PER_ADDRESS"], "7", 7),
  set("maxConnections", ["BATON_MAX_CONNECTIONS"], "7", 7),
  set("logLevel", ["LOG_LEVEL", "BATON_LOG_LEVEL"], "debug", "debug"),
  set("logFile", ["BATON_LOG_FILE"], "log", "log"),
  set("outbound", ["BATON_OUTBOUND"], "private", "private"),
  set("outboundHosts", ["BATON_OUTBOUND_HOSTS"], "a,b", ["a", "b"]),
  set("agentEnv", ["BATON_AGENT_ENV"], "A,B", ["A", "B"]),
  set("ollamaUrl", ["OLLAMA_API_URL", "BATON_OLLAMA_URL"], "http://ollama:11434", "http://ollama:11434"),
  set("secretKey", ["BATON_SECRET_KEY"], "key", "key"),
  set("previousSecretKeys", ["BATON_SECRET_KEY_PREVIOUS"], "older, oldest", ["older", "oldest"]),
  set("templatesDir", ["BATON_TEMPLATES_DIR"], "t", "t"),
  set("catalogueDir", ["BATON_CATALOGUE_DIR"], "t", "t"),
  set("plansDir", ["BATON_PLANS_DIR"], "p", "p"),
  set("serverName", ["BATON_SERVER_NAME"], "s", "s"),
  set("leaseMs", ["BATON_LEASE_MS"], "2000", 2000),
  set("pollMs", ["BATON_POLL_MS"], "60", 60),
  set("healthCheckMs", ["BATON_HEALTH_CHECK_MS"], "2000", 2000),
  set("maxConcurrentAttempts", ["MAX_CONCURRENT_TASKS", "BATON_MAX_CONCURRENT_ATTEMPTS"], "5", 5),
  set("defaultTimeoutMs", ["BATON_ATTEMPT_TIMEOUT_MS"], "500", 500),
  set("drainMs", ["BATON_DRAIN_MS"], "0", 0),
  set("reconnectMs", ["BATON_RECONNECT_MS"], "100", 100),
  set("sessionIdleMs", ["BATON_SESSION_IDLE_HOURS"], "2", 7_200_000),
  set("sessionRetentionMs", ["BATON_SESSION_RETENTION_HOURS"], "3", 10_800_000),
  set("messageRetentionMs", ["MESSAGE_RETENTION_HOURS", "BATON_MESSAGE_RETENTION_HOURS"], "3", 10_800_000),
  set("requireSignatures", ["BATON_REQUIRE_SIGNATURES"], "true", true),
  set("messageRouting", ["BATON_MESSAGE_ROUTING"], "closed", "closed"),
  set("workspacePorts", ["BATON_WORKSPACE_PORTS"], "4000-4009", { from: 4000, to: 4009 }),
  set("workspacesMaxMb", ["BATON_WORKSPACES_MAX_MB"], "5000", 5000),
  set("workspaceRetentionMs", ["BATON_WORKSPACE_RETENTION_HOURS"], "2", 7_200_000),
  set("conflicts", ["BATON_CONFLICTS"], "tell", "tell"),
  set("conflictWaitMs", ["BATON_CONFLICT_WAIT_MS"], "5000", 5000),
  set("messageStagesFile", ["BATON_MESSAGE_STAGES"], "/somewhere/stages.mjs", "/somewhere/stages.mjs"),
  set("messageFlood", ["BATON_MESSAGES_PER_SECOND"], "7", { perSecond: 7, burst: 10_000 }),
  set("adminPassword", ["BATON_ADMIN_PASSWORD"], "p", "p"),
  set("jwtSecrets", ["JWT_SECRET_KEY", "Jwt__Secret"], "a,b", ["a", "b"]),
  set("jwtIssuer", ["JWT_ISSUER", "Jwt__Issuer"], "i", "i"),
  set("jwtAudience", ["JWT_AUDIENCE", "Jwt__Audience"], "a", "a"),
  set("oidcIssuer", ["BATON_OIDC_ISSUER"], "https://login.example.com", "https://login.example.com"),
  set("oidcClientId", ["BATON_OIDC_CLIENT_ID"], "baton", "baton"),
  set("oidcClientSecret", ["BATON_OIDC_CLIENT_SECRET"], "s", "s"),
  set("oidcName", ["BATON_OIDC_NAME"], "Example", "Example"),
  set("oidcRole", ["BATON_OIDC_ROLE"], "user", "user"),
  set("oidcProjects", ["BATON_OIDC_PROJECTS"], "a, b", ["a", "b"]),
  set("sessionSeconds", ["SESSION_TIMEOUT"], "60", 60),
];

describe.each(settings)("$field", ({ field, names, text, value }) => {
  test.each(names)("is read from %s", (name) => expect(readConfig({ [name]: text })[field]).toEqual(value));
  test("is given before it is read", () => {
    const given = readConfig({}, { [field]: value });
    expect(given[field]).toEqual(value);
  });
  test("that is empty or blank is not set", () => {
    const blank = Object.fromEntries(names.map((name) => [name, " "]));
    expect(readConfig(blank)[field]).toEqual(readConfig({})[field]);
  });
});

test("every setting but the page's and the cost of a password is read from somewhere", () => {
  const read: string[] = settings.map(({ field }) => field);
  expect(Object.keys(readConfig({})).filter((field) => !read.includes(field))).toEqual(["passwordCost", "dashboardDir"]);
});

test("every name that is read is described, as often as it is read, and no other", () => {
  const read = new Set<string>();
  readConfig(
    new Proxy<Record<string, string>>(
      {},
      {
        get: (_, name) => {
          read.add(String(name));
          return undefined;
        },
      },
    ),
  );
  const names = described.flatMap((one) => one.names);
  expect(new Set(names)).toEqual(read);
  expect(names.length).toBe(read.size);
});

test("settings are told as they count, by the name that was used, and secret ones never", () => {
  const environment = { PORT: "9000", DATABASE_URL: "postgres://u:hidden@h/d", BATON_SECRET_KEY: "hidden too", BATON_OUTBOUND_HOSTS: "a, b" };
  const told = new Map(toSettings(readConfig(environment, { host: "0.0.0.0" }), environment).map((one) => [one.name, one]));
  expect(told.get("BATON_PORT")).toMatchObject({ value: "9000", givenAs: "PORT" });
  expect(told.get("BATON_HOST")).toMatchObject({ value: "0.0.0.0", givenAs: null });
  expect(told.get("BATON_OUTBOUND_HOSTS")).toMatchObject({ value: "a, b" });
  expect(told.get("DATABASE_URL")).toMatchObject({ value: null, isSecret: true, givenAs: "DATABASE_URL" });
  expect(JSON.stringify([...told.values()])).not.toContain("hidden");
});

test("the first of its names wins", () => {
  expect(readConfig({ PORT: "1", ORCHESTRATION_API_PORT: "2", BATON_PORT: "3" }).port).toBe(3);
});

test.each([
  ["BATON_PORT", "65536", "0 to 65535"],
  ["PORT", "eight", "0 to 65535"],
  ["BATON_PORT", "1.5", "0 to 65535"],
  ["BATON_PORT", "-0x1", "0 to 65535"],
  ["BATON_LEASE_MS", "1e9", "1000 to 600000"],
  ["BATON_POLL_MS", "NaN", "50 to 60000"],
  ["ENABLE_AUTH", "maybe", "true or false"],
  ["BATON_OUTBOUND", "everywhere", "public, loopback, private"],
  ["LOG_LEVEL", "loud", "debug, info, warn, error, silent"],
  ["BATON_SQLITE_SYNCHRONOUS", "off", "full, normal"],
  ["BATON_TLS_MIN_VERSION", "1.1", "1.2, 1.3"],
])("%s=%s is refused with what is allowed", (name, value, allowed) => {
  let refused: unknown;
  try {
    readConfig({ [name]: value });
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: "bad_input", issues: [{ path: name, message: expect.stringContaining(allowed) as string }] });
});

test("agents on this machine may be called where only this machine can call us", () => {
  expect(["127.0.0.1", "localhost", "::1", "0.0.0.0", "127.evil.example"].map((host) => readConfig({ BATON_HOST: host }).outbound)).toEqual([
    "loopback",
    "loopback",
    "loopback",
    "public",
    "public",
  ]);
});

test("no setting is there without the environment that could leak a secret", () => {
  const { secretKey, apiKeys, databaseUrl } = readConfig({});
  expect([secretKey, apiKeys, databaseUrl]).toEqual([undefined, [], undefined]);
});
