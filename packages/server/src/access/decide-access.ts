// Whether callers must show a key, decided once at start from where the server listens and what it was told.
// Closed by default wherever others can reach it; production never starts open by accident.

export interface AccessSettings {
  host: string;
  apiKeys: readonly string[];
  /** What the operator said; undefined when nothing. */
  requireAuth?: boolean | undefined;
  isProduction: boolean;
  /** The operator's word that an open production server is meant. */
  allowInsecure: boolean;
}

export type AccessDecision =
  | { start: true; requireAuth: boolean; warnings: string[] }
  /** `reason` is for the operator: what is wrong and what would be right. */
  | { start: false; reason: string };

const SHORT_KEY = 16;

export function decideAccess(settings: AccessSettings): AccessDecision {
  const { host, apiKeys, isProduction, allowInsecure } = settings;
  const requireAuth = needsAuth(settings);
  if (!requireAuth && isProduction && !allowInsecure) {
    return { start: false, reason: "In production callers must show a key: set BATON_API_KEYS, or ALLOW_INSECURE=true if an open server is really meant." };
  }
  if (requireAuth && apiKeys.length === 0) {
    return {
      start: false,
      reason: `Listening on ${host} demands keys from callers, but there are none: set BATON_API_KEYS, listen on 127.0.0.1, or set ENABLE_AUTH=false.`,
    };
  }
  const warnings: string[] = [];
  if (!requireAuth && !isLoopback(host)) warnings.push(`ANYBODY who can reach ${host} can run commands through this server: authentication is off.`);
  if (requireAuth && apiKeys.some((key) => key.length < SHORT_KEY)) warnings.push(`An API key is shorter than ${SHORT_KEY} characters and can be guessed.`);
  return { start: true, requireAuth, warnings };
}

/** What the operator said; else closed when there are keys, or when others can connect. */
export function needsAuth({ host, apiKeys, requireAuth }: Pick<AccessSettings, "host" | "apiKeys" | "requireAuth">): boolean {
  return requireAuth ?? (apiKeys.length > 0 || !isLoopback(host));
}

/** Whether only this machine can connect to `host`. A name other than localhost may resolve to anything. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare) || /^::ffff:127(\.\d{1,3}){3}$/.test(bare);
}
