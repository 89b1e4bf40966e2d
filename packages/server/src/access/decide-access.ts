// Whether callers must show a key, decided once at start from where the server listens and what it was told.
// Closed by default wherever others can reach it; production never starts open by accident.

export interface AccessSettings {
  host: string;
  apiKeys: readonly string[];
  /** What the operator said; undefined when nothing. */
  requireAuth?: boolean | undefined;
  adminPassword?: string | undefined;
  jwtSecrets?: readonly string[];
  oidcIssuer?: string | undefined;
  oidcClientId?: string | undefined;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  /** A proxy in front ends TLS. */
  trustProxy?: boolean | undefined;
  isProduction: boolean;
  /** The operator's word that an open production server is meant. */
  allowInsecure: boolean;
}

export type AccessDecision =
  | { start: true; requireAuth: boolean; warnings: string[] }
  /** `reason` is for the operator: what is wrong and what would be right. */
  | { start: false; reason: string };

const SHORT_KEY = 16;
const SHORT_PASSWORD = 12;
/** As long as what HS256 makes of it. */
const SHORT_SECRET = 32;
/** Of examples that people copy. */
const PLACEHOLDERS = new Set(["your-secret-key", "your-secret-key-here", "changeme", "secret"]);

export function decideAccess(settings: AccessSettings): AccessDecision {
  const { host, apiKeys, isProduction, allowInsecure, adminPassword, jwtSecrets = [] } = settings;
  const requireAuth = needsAuth(settings);
  if (!requireAuth && isProduction && !allowInsecure) {
    return {
      start: false,
      reason: "In production callers must show a key: set BATON_API_KEYS or BATON_ADMIN_PASSWORD, or ALLOW_INSECURE=true if an open server is really meant.",
    };
  }
  const weak = jwtSecrets.find((secret) => PLACEHOLDERS.has(secret) || Buffer.byteLength(secret) < SHORT_SECRET);
  if (weak !== undefined && isProduction && !allowInsecure) {
    return { start: false, reason: `JWT_SECRET_KEY must be ${SHORT_SECRET} bytes or more and no placeholder: whoever guesses it can be anybody.` };
  }
  if (adminPassword !== undefined && adminPassword.length < SHORT_PASSWORD) {
    return { start: false, reason: `BATON_ADMIN_PASSWORD must have ${SHORT_PASSWORD} characters or more.` };
  }
  const oidc = refuseOidc(settings);
  if (oidc !== undefined) return { start: false, reason: oidc };
  if (requireAuth && apiKeys.length === 0 && adminPassword === undefined) {
    return {
      start: false,
      reason: `Listening on ${host} demands credentials from callers, but there are none by which somebody would be an admin: set BATON_API_KEYS or BATON_ADMIN_PASSWORD, listen on 127.0.0.1, or set ENABLE_AUTH=false.`,
    };
  }
  const { tlsCert, tlsKey, trustProxy } = settings;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    return { start: false, reason: tlsCert === undefined ? "BATON_TLS_KEY is set, but not BATON_TLS_CERT." : "BATON_TLS_CERT is set, but not BATON_TLS_KEY." };
  const warnings: string[] = [];
  if (requireAuth && tlsCert === undefined && trustProxy !== true && !isLoopback(host))
    warnings.push(
      "Credentials cross the network for everybody to read: set BATON_TLS_CERT and BATON_TLS_KEY, or put a proxy that ends TLS in front (BATON_TRUST_PROXY=true).",
    );
  if (!requireAuth && !isLoopback(host)) warnings.push(`ANYBODY who can reach ${host} can run commands through this server: authentication is off.`);
  if (requireAuth && apiKeys.some((key) => key.length < SHORT_KEY)) warnings.push(`An API key is shorter than ${SHORT_KEY} characters and can be guessed.`);
  if (weak !== undefined) warnings.push(`JWT_SECRET_KEY is a placeholder or shorter than ${SHORT_SECRET} bytes: whoever guesses it can be anybody.`);
  return { start: true, requireAuth, warnings };
}

/** What the operator said; else closed when there are keys, or when others can connect. */
export function needsAuth(settings: Pick<AccessSettings, "host" | "apiKeys" | "requireAuth" | "adminPassword" | "oidcIssuer">): boolean {
  const { host, apiKeys, requireAuth, adminPassword, oidcIssuer } = settings;
  return requireAuth ?? (apiKeys.length > 0 || adminPassword !== undefined || oidcIssuer !== undefined || !isLoopback(host));
}
function refuseOidc({ oidcIssuer, oidcClientId }: AccessSettings): string | undefined {
  if (oidcIssuer === undefined) return oidcClientId === undefined ? undefined : "BATON_OIDC_CLIENT_ID is set, but not BATON_OIDC_ISSUER: where people log in.";
  if (oidcClientId === undefined) return "BATON_OIDC_ISSUER is set, but not BATON_OIDC_CLIENT_ID: as what that place knows this server.";
  const { protocol, hostname } = new URL(oidcIssuer);
  if (protocol === "https:" || isLoopback(hostname)) return undefined;
  return `BATON_OIDC_ISSUER must be https, but for this machine: whoever is between here and ${hostname} could log in as anybody.`;
}

/** Whether only this machine can connect to `host`. A name other than localhost may resolve to anything. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare) || /^::ffff:127(\.\d{1,3}){3}$/.test(bare);
}
